import type { FunctionType } from "./signature.js";

/**
 * V8 keeps one table of all function types that a process has ever compiled, forgets none, and aborts the process when it
 * is full, at about two million. Extensions together get a tenth of it.
 */
const MOST_TYPES = 200_000;

const seen = new Set<string>();

/** Counts a module's types; false where the process could not bear them. To be asked before a module is compiled. */
export function takeTypes(types: readonly FunctionType[]): boolean {
  const fresh = new Set<string>();
  for (const type of types) {
    const key = keyOf(type);
    if (!seen.has(key)) fresh.add(key);
  }
  if (seen.size + fresh.size > MOST_TYPES) return false;
  for (const key of fresh) seen.add(key);
  return true;
}

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["i32", "i"],
  ["i64", "l"],
  ["f32", "f"],
  ["f64", "d"],
  ["v128", "v"],
  ["funcref", "c"],
  ["externref", "e"],
]);

function keyOf({ parameters, results }: FunctionType): string {
  const letters = (types: readonly string[]): string => types.map((type) => LETTERS.get(type) ?? type).join("");
  return `${letters(parameters)}>${letters(results)}`;
}
