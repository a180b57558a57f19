import { formatPath, SpacedriveError, printableLine } from "@spacedrive/wire";
import { z } from "zod";
import { type Manifest, manifestSchema } from "./manifest-schema.js";
import { nearestKey } from "./nearest-key.js";
import { isNode } from "./schema-cost.js";
import { haveMoreParts } from "./operation-schema.js";

/** Objects, lists and what lists hold in all schemas of a manifest: to convert as many takes about a second. */
const MAX_SCHEMA_PARTS = 50_000;
/** Problems that the message lists, and that its details have. */
const MAX_LISTED = 20;
const MAX_PROBLEMS = 1_000;
const MAX_PROBLEM_CHARACTERS = 500;

/** One thing that is wrong with a manifest. */
export interface ManifestProblem {
  /** `permissions.methods[2]`; the whole manifest is `(top)`. */
  readonly path: string;
  readonly message: string;
}

/**
 * Checks a manifest, and fills in its defaults. `where` names the file in the message.
 *
 * @throws SpacedriveError `MANIFEST_INVALID` that lists the first 20 problems; `details.problems` has the first 1,000 as
 * {@link ManifestProblem}s.
 */
export function parseManifest(value: unknown, where: string): Manifest {
  if (haveMoreParts(schemasOf(value), MAX_SCHEMA_PARTS)) {
    const message = `its schemas have more than ${MAX_SCHEMA_PARTS} parts together`;
    throw manifestInvalid(where, [{ path: "(top)", message }]);
  }
  // Once for each load: code made for this schema would not be worth its making.
  const parsed = manifestSchema.safeParse(value, { reportInput: true, jitless: true });
  if (parsed.success) return parsed.data;
  // zod's own error is no cause: its message has all that was read, as it came.
  throw manifestInvalid(where, parsed.error.issues.slice(0, MAX_PROBLEMS).flatMap(problemsOf));
}

/** The schemas of what may be a manifest. */
function schemasOf(value: unknown): unknown[] {
  const manifest = isNode(value) ? value : {};
  return ["jobs", "operations"].flatMap((key) => {
    const list: unknown = manifest[key];
    return Array.isArray(list)
      ? list.filter(isNode).flatMap((one) => [one["input"], one["output"], one["state"], one["result"]])
      : [];
  });
}

export function manifestInvalid(where: string, problems: readonly ManifestProblem[], cause?: unknown): SpacedriveError {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({
    path,
    message: printableLine(message, MAX_PROBLEM_CHARACTERS),
  }));
  const lines = shown.slice(0, MAX_LISTED).map((problem) => `${problem.path}: ${problem.message}`);
  const more = problems.length - lines.length;
  const text = lines.join("; ") + (more > 0 ? `; and ${more} more` : "");
  return new SpacedriveError("MANIFEST_INVALID", `${where}: ${text}`, { cause, details: { problems: shown } });
}

function problemsOf(issue: z.core.$ZodIssue): ManifestProblem[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path);
    return issue.keys.map((key, index) => {
      // To compare a hundred thousand keys with the known ones would stall the host, and nobody reads that far.
      const nearest = index < MAX_LISTED ? nearestKey(key, known) : null;
      const hint = nearest === null ? `known here: ${known.join(", ")}` : `did you mean "${nearest}"?`;
      return { path: formatPath([...issue.path, shortKey(key)]), message: `unknown key; ${hint}` };
    });
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return [{ path: formatPath(issue.path), message: `missing; expected ${issue.expected}` }];
  }
  return [{ path: formatPath(issue.path), message: lowerFirst(issue.message) }];
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/** Made where a manifest has an unknown key, and once: one may have a thousand. */
let editorSchema: SchemaNode | undefined;

/** The keys that the manifest may have at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  // Proof: z.toJSONSchema answers a JSON Schema object; every field is looked at as optional.
  editorSchema ??= z.toJSONSchema(manifestSchema, { io: "input" }) as SchemaNode;
  let node: SchemaNode | undefined = editorSchema;
  for (const step of path) node = typeof step === "number" ? node?.items : node?.properties?.[String(step)];
  return Object.keys(node?.properties ?? {});
}

function lowerFirst(message: string): string {
  const text = message.replace(/^Invalid input: /, "");
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function shortKey(key: string): string {
  return key.length > 64 ? `${key.slice(0, 64)}…` : key;
}
