import { formatPath, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import { type Manifest, manifestSchema } from "./manifest-schema.js";
import { nearestKey } from "./nearest-key.js";
import { isNode } from "./schema-cost.js";
import { haveMoreParts } from "./operation-schema.js";

/** Objects, lists and what lists hold in all schemas of a manifest: to convert as many takes about a second. */
const MAX_SCHEMA_PARTS = 50_000;

/** One thing that is wrong with a manifest. */
export interface ManifestProblem {
  /** `permissions.methods[2]`; the whole manifest is `(top)`. */
  readonly path: string;
  readonly message: string;
}

/**
 * Checks a manifest, and fills in its defaults. `where` names the file in the message.
 *
 * @throws SpacedriveError `MANIFEST_INVALID` that lists every problem; `details.problems` has them as
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
  const problems = parsed.error.issues.flatMap(problemsOf);
  throw manifestInvalid(where, problems, parsed.error);
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
  const text = problems.map((problem) => `${problem.path}: ${problem.message}`).join("; ");
  return new SpacedriveError("MANIFEST_INVALID", `${where}: ${text}`, { cause, details: { problems } });
}

function problemsOf(issue: z.core.$ZodIssue): ManifestProblem[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => {
      const nearest = nearestKey(key, known);
      const hint = nearest === null ? `known here: ${known.join(", ")}` : `did you mean "${nearest}"?`;
      return { path: formatPath([...issue.path, printable(key)]), message: `unknown key; ${hint}` };
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

/** The keys that the manifest may have at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  // Proof: z.toJSONSchema answers a JSON Schema object; every field is looked at as optional.
  let node: SchemaNode | undefined = z.toJSONSchema(manifestSchema, { io: "input" }) as SchemaNode;
  for (const step of path) node = typeof step === "number" ? node?.items : node?.properties?.[String(step)];
  return Object.keys(node?.properties ?? {});
}

function lowerFirst(message: string): string {
  const text = message.replace(/^Invalid input: /, "");
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function printable(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key).slice(1, -1);
}
