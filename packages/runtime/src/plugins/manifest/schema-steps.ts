import { isNode, type SchemaNode } from "./schema-cost.js";

const SAME_VALUE_LISTS = ["allOf", "anyOf", "oneOf"] as const;
/** What does not fit is dearer than what does: it becomes an issue with a path and a text. */
const STEPS_OF_A_MISFIT = 4;
/** Items of an array that a part which says nothing of them goes over in the time of one step. */
const UNCHECKED_ITEMS = 16;
/** Values of an enum, and characters of theirs, that what is none of them is listed with in the time of one step. */
const LISTED_TEXTS = 64;
/** Characters of a text that a `format` looks at in the time of one step, and of the slowest of them. */
const FORMAT_CHARACTERS = 64;
const SLOW_FORMAT_CHARACTERS = 8;
const UNCHECKABLE = 'a key "__proto__" cannot be checked against "additionalProperties"';
const NONE: readonly SchemaNode[] = [];

/**
 * How much work it is to check a value against a JSON Schema of a manifest. Both may be a stranger's: a list of a thousand
 * numbers against an enum of ten thousand takes ten million steps, and the check itself cannot be stopped. So its steps are
 * counted first, which is cheaper and stops: one for each part of the schema that each value meets, a few more where it does
 * not fit or is missing, one for each enum value that is tried, and for every few characters of a formatted text or of the
 * values that were expected.
 *
 * Only for schemas that `schemaCostProblem` has passed: those come to an end.
 */
export class SchemaSteps {
  readonly #root: SchemaNode;
  readonly #parts = new WeakMap<SchemaNode, readonly SchemaNode[]>();
  readonly #characters = new WeakMap<object, number>();
  readonly #enums = new WeakMap<readonly unknown[], Enum>();

  constructor(root: SchemaNode) {
    this.#root = root;
  }

  /** Why `value` cannot be checked within `most` steps, or not at all; null: it can. */
  problemWith(value: unknown, most: number): string | null {
    const tooLarge = `it is too large for its schema: to check it would take more than ${most} steps. Send less, or in parts`;
    const waiting: Met[] = [];
    let steps = 0;
    const meet = (met: unknown, schemas: readonly SchemaNode[]): void => {
      const parts = this.#partsOf(schemas);
      for (const part of parts) steps += this.#stepsOf(part, met);
      if (typeof met === "object" && met !== null && parts.length > 0) waiting.push({ value: met, parts });
    };
    meet(value, [this.#root]);
    for (let next = waiting.pop(); next !== undefined && steps <= most; next = waiting.pop()) {
      const { parts } = next;
      if (Array.isArray(next.value)) {
        const items = schemasOf(parts, "items", "additionalItems", "contains");
        const listed = parts.some((part) => Array.isArray(part["prefixItems"]) || Array.isArray(part["items"]));
        // Each part goes over all items and keys once, whatever it says of them.
        steps += (next.value.length * parts.filter(says).length) / (listed ? 1 : UNCHECKED_ITEMS);
        if (steps > most) return tooLarge;
        if (items.length === 0 && !listed) continue;
        for (const [index, item] of next.value.entries()) {
          meet(item, listed ? [...items, ...placed(parts, index)] : items);
          if (steps > most) return tooLarge;
        }
      } else if (isNode(next.value)) {
        const others = schemasOf(parts, "additionalProperties");
        const names = schemasOf(parts, "propertyNames");
        const declaring = parts.filter((part) => isNode(part["properties"]));
        const keys = Object.keys(next.value);
        steps += keys.length * parts.filter(says).length;
        if (steps > most) return tooLarge;
        if (others.length + names.length + declaring.length === 0) continue;
        for (const key of keys) {
          const declared = declaring.length === 0 ? NONE : named(declaring, key);
          if (key === "__proto__" && others.some(says)) return UNCHECKABLE;
          const its = declared.length === 0 ? others : [...declared, ...others];
          if (its.length > 0) meet(next.value[key], its);
          if (names.length > 0) meet(key, names);
          if (steps > most) return tooLarge;
        }
      }
    }
    return steps > most ? tooLarge : null;
  }

  /** Every part that the value itself meets: the schemas, and what they are put together of. */
  #partsOf(schemas: readonly SchemaNode[]): readonly SchemaNode[] {
    const [only] = schemas;
    if (only === undefined) return NONE;
    if (schemas.length > 1) return schemas.flatMap((schema) => this.#partsOf([schema]));
    const known = this.#parts.get(only);
    if (known !== undefined) return known;
    const parts = [only];
    for (const keyword of SAME_VALUE_LISTS) {
      const list = listOf(only[keyword]);
      // "Or null" is in nearly every schema, and is tried in no time.
      const orNull = keyword === "anyOf" && list.length > 1 ? list.findIndex(isNullOnly) : -1;
      for (const [index, one] of list.entries()) if (index !== orNull) parts.push(...this.#partsOf([one]));
    }
    if (isNode(only["not"])) parts.push(...this.#partsOf([only["not"]]));
    const target = this.#targetOf(only["$ref"]);
    if (target !== null) parts.push(...this.#partsOf([target]));
    this.#parts.set(only, parts);
    return parts;
  }

  #targetOf(ref: unknown): SchemaNode | null {
    return typeof ref === "string" ? refTarget(this.#root, ref) : null;
  }

  #stepsOf(part: SchemaNode, value: unknown): number {
    const { type, format, properties } = part;
    let steps = 1;
    for (const one of Array.isArray(type) ? type : [type]) {
      if (one !== undefined && !fits(one, value)) steps += STEPS_OF_A_MISFIT;
    }
    const { const: only } = part;
    if (only !== undefined && only !== value) steps += STEPS_OF_A_MISFIT + this.#charactersOf(only) / LISTED_TEXTS;
    if (isNode(properties) && isNode(value)) {
      for (const name of Object.keys(properties)) if (!Object.hasOwn(value, name)) steps += STEPS_OF_A_MISFIT;
    }
    if (Array.isArray(part["enum"])) steps += this.#stepsOfEnum(part["enum"], value);
    if (format !== undefined && typeof value === "string") {
      steps += value.length / (format === "base64url" ? SLOW_FORMAT_CHARACTERS : FORMAT_CHARACTERS);
    }
    return steps;
  }

  #charactersOf(expected: unknown): number {
    if (typeof expected !== "object" || expected === null) return charactersOf(expected);
    const known = this.#characters.get(expected) ?? charactersOf(expected);
    this.#characters.set(expected, known);
    return known;
  }

  /** Texts are looked up; other values are tried one by one, up to the one that it is. */
  #stepsOfEnum(values: readonly unknown[], value: unknown): number {
    let known = this.#enums.get(values);
    if (known === undefined) {
      const places = new Map(values.map((one, index) => [one, index]));
      const listed = (values.length + charactersOf(values)) / LISTED_TEXTS;
      known = { places, texts: values.every((one) => typeof one === "string"), listed };
      this.#enums.set(values, known);
    }
    const place = known.places.get(value);
    // What fits the last of many kinds of value did not fit those before it.
    const listed = place === undefined || (!known.texts && place > 0) ? known.listed : 0;
    return listed + (known.texts ? 0 : (place ?? values.length) * STEPS_OF_A_MISFIT);
  }
}

interface Enum {
  readonly places: ReadonlyMap<unknown, number>;
  readonly texts: boolean;
  /** Steps of telling what was expected. */
  readonly listed: number;
}

/** A value that has others within, and what of the schema it meets. */
interface Met {
  readonly value: object;
  readonly parts: readonly SchemaNode[];
}

function fits(type: unknown, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isNode(value);
    case "integer":
    case "number":
      return typeof value === "number";
    default:
      return typeof value === type;
  }
}

/** What a `$ref` names, among what the schema itself has: a name that every object has is not one of them. Null: nothing. */
export function refTarget(root: SchemaNode, ref: string): SchemaNode | null {
  if (ref === "#" || ref === "#/") return root;
  const [, keyword, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref) ?? [];
  const targets = keyword === undefined ? undefined : root[keyword];
  const key = (name ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
  if (!isNode(targets) || !Object.hasOwn(targets, key)) return null;
  const target = targets[key];
  return isNode(target) ? target : {};
}

/** Characters that a value has in the text of what was expected. */
function charactersOf(root: unknown): number {
  if (typeof root === "string") return root.length;
  const waiting = [root];
  let characters = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) for (const one of value) waiting.push(one);
    else characters += isNode(value) ? "[object Object]".length : String(value).length;
  }
  return characters;
}

/** False for the schema that every value fits. */
function says(schema: SchemaNode): boolean {
  return Object.keys(schema).length > 0;
}

function isNullOnly(schema: SchemaNode): boolean {
  return schema["type"] === "null" && Object.keys(schema).length === 1;
}

function listOf(value: unknown): SchemaNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function schemasOf(parts: readonly SchemaNode[], ...keywords: readonly string[]): SchemaNode[] {
  return parts.flatMap((part) => keywords.map((keyword) => part[keyword]).filter(isNode));
}

/** The schemas of an array's item at a place of its own. */
function placed(parts: readonly SchemaNode[], index: number): SchemaNode[] {
  return parts.flatMap((part) => {
    const list = Array.isArray(part["prefixItems"]) ? part["prefixItems"] : part["items"];
    const schema: unknown = Array.isArray(list) ? list[index] : undefined;
    return isNode(schema) ? [schema] : [];
  });
}

function named(parts: readonly SchemaNode[], key: string): SchemaNode[] {
  return parts.flatMap(({ properties }) => {
    const schema = isNode(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
    return isNode(schema) ? [schema] : [];
  });
}
