type Schema = Readonly<Record<string, unknown>>;

/** A key that a value has and its schema does not know, with those that stand in its place. */
export interface UnknownKey {
  /** From the value's root: `filter.sizes[0].min`. */
  readonly path: string;
  readonly known: readonly string[];
}

// A schema may refer to itself, and a value be as deep as its author likes.
const MAX_DEPTH = 64;

/**
 * The keys of a value that its JSON Schema does not name, although it names others. A guest ignores them, so a mistyped one
 * has no effect. An object of which the schema names nothing, or says what else may be in it, has no unknown keys.
 */
export function unknownKeys(value: unknown, schema: Schema): UnknownKey[] {
  return [...find(value, schema, schema, "", 0)];
}

/** One line for people: which keys have no effect, and which there are. */
export function unknownKeysWarning(what: string, unknown: readonly UnknownKey[]): string | null {
  const [first] = unknown;
  if (first === undefined) return null;
  const names = unknown.map(({ path }) => `"${path}"`).join(", ");
  const has = unknown.length === 1 && first.known.length > 0 ? `; there is ${first.known.join(", ")}` : "";
  return `${what} has no ${names}: ignored${has}.`;
}

function* find(value: unknown, schema: unknown, root: Schema, path: string, depth: number): Generator<UnknownKey> {
  const known = isObject(schema) ? resolved(schema, root) : null;
  if (known === null || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* find(item, known["items"], root, `${path}[${index}]`, depth + 1);
    }
    return;
  }
  if (!isObject(value)) return;
  const { properties, additionalProperties } = known;
  for (const [key, inner] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (isObject(properties) && Object.hasOwn(properties, key)) {
      yield* find(inner, properties[key], root, at, depth + 1);
    } else if (isObject(additionalProperties)) {
      yield* find(inner, additionalProperties, root, at, depth + 1);
    } else if (isObject(properties) && additionalProperties === undefined && !("patternProperties" in known)) {
      yield { path: at, known: Object.keys(properties) };
    }
  }
}

/**
 * The schema that speaks of an object: what a reference points at, or the one branch besides `null` of what may be absent.
 * Null where that is not one schema.
 */
function resolved(schema: Schema, root: Schema): Schema | null {
  const { $ref, anyOf, oneOf, allOf } = schema;
  if ($ref === "#") return root;
  if (typeof $ref === "string") {
    const { $defs } = root;
    const target = $ref.startsWith("#/$defs/") && isObject($defs) ? $defs[$ref.slice("#/$defs/".length)] : null;
    return isObject(target) ? target : null;
  }
  if (allOf !== undefined) return null;
  const branches = anyOf ?? oneOf;
  if (!Array.isArray(branches)) return schema;
  const [only, another] = branches.filter((branch) => isObject(branch) && branch["type"] !== "null");
  return isObject(only) && another === undefined ? resolvedOnce(only, root) : null;
}

function resolvedOnce(schema: Schema, root: Schema): Schema | null {
  return "anyOf" in schema || "oneOf" in schema ? null : resolved(schema, root);
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
