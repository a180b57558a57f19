import { SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";

/** Keywords whose work grows without bound on inputs that an extension chooses: they would run on the host's own loop. */
const STALLING_KEYWORDS: ReadonlySet<string> = new Set(["pattern", "patternProperties"]);
const MAX_SCHEMA_NODES = 10_000;

/** What is wrong with a JSON Schema of a manifest, or null. */
export function schemaProblem(schema: unknown): string | null {
  const stalling = findStallingKeyword(schema);
  if (stalling !== null) return stalling;
  try {
    convert(schema);
    return null;
  } catch (cause) {
    return `not a JSON Schema that this host can check: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/**
 * The zod schema of a JSON Schema of a manifest.
 *
 * @throws SpacedriveError `MANIFEST_INVALID`; never for what {@link schemaProblem} passed.
 */
export function zodSchemaOf(schema: Readonly<Record<string, unknown>>): z.ZodType {
  const problem = schemaProblem(schema);
  if (problem !== null) throw new SpacedriveError("MANIFEST_INVALID", problem);
  return convert(schema);
}

function convert(schema: unknown): z.ZodType {
  // Proof: fromJSONSchema checks the shape itself, and throws where it is another.
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
}

function findStallingKeyword(root: unknown): string | null {
  const waiting: { readonly value: unknown; readonly isNameMap: boolean }[] = [{ value: root, isNameMap: false }];
  let nodes = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, isNameMap } = next;
    if (typeof value !== "object" || value === null) continue;
    if (++nodes > MAX_SCHEMA_NODES) return `has more than ${MAX_SCHEMA_NODES} parts`;
    for (const [key, child] of Object.entries(value)) {
      // Under `properties` and `$defs` a key is somebody's field name, and "pattern" is a fine one.
      if (!isNameMap && !Array.isArray(value) && STALLING_KEYWORDS.has(key)) {
        return `"${key}" is not allowed: a regular expression of an extension could stall the host`;
      }
      if (key === "enum" || key === "const" || key === "default" || key === "examples") continue;
      waiting.push({ value: child, isNameMap: !isNameMap && (key === "properties" || key === "$defs") });
    }
  }
  return null;
}
