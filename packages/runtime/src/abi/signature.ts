/** A function type of a module, with the names of its value types as the text format writes them. */
export interface FunctionType {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

/** Ten thousand exports can be of one long type. */
const formatted = new WeakMap<FunctionType, string>();

/** `(i32, f32) -> i32`; `() -> ()` for nothing in, nothing out. */
export function formatSignature(type: FunctionType): string {
  const known = formatted.get(type) ?? format(type);
  formatted.set(type, known);
  return known;
}

function format(type: FunctionType): string {
  const [result, ...more] = type.results;
  const results = result !== undefined && more.length === 0 ? result : `(${type.results.join(", ")})`;
  return `(${type.parameters.join(", ")}) -> ${results}`;
}
