import { z } from "zod";

/** A JSON object as it came: every key, also `__proto__`, is an own property and means nothing. */
export type JsonObject = { readonly [key: string]: unknown };

const MAX_DEPTH = 64;

/** For fields that are JSON objects of any shape. `z.record` would drop the key `__proto__` without a word. */
export const jsonObject = z
  .custom<JsonObject>(isJsonObject, {
    error: `Invalid input: expected a JSON object, at most ${MAX_DEPTH} deep`,
  })
  .meta({ type: "object" });

function isJsonObject(value: unknown): value is JsonObject {
  return isPlainObject(value) && isJson(value, 0);
}

function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      if (value === null) return true;
      if (depth >= MAX_DEPTH || !(Array.isArray(value) || isPlainObject(value))) return false;
      return Object.values(value).every((item) => isJson(item, depth + 1));
    default:
      return false;
  }
}

/** True for an object that is no array and of no class. */
export function isPlainObject(value: unknown): value is JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `patch` laid over `target`, key by key at the top level; a key whose new value is null goes. */
export function mergeAtTop(target: JsonObject, patch: JsonObject): JsonObject {
  // A Map has no prototype to hit, and fromEntries makes own properties only.
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}
