import { isFloat, isInteger, isString, textOf } from "./syntax.js";
import type { JsonClass, JsonField, JsonType } from "./json-types.js";

/** JSON Schema, draft 2020-12. */
export type JsonSchema = Record<string, unknown>;

const DRAFT = "https://json-schema.org/draft/2020-12/schema";

/** A self-contained schema: classes that are met again are `$ref`s into `$defs`. Unknown fields are allowed, as the codec ignores them. */
export function schemaOf(type: JsonType): JsonSchema {
  const names = new Map<JsonClass, string>();
  const definitions: Record<string, JsonSchema> = {};
  const root = type.kind === "class" && !type.nullable ? type.class : null;
  const body = root === null ? schema(type) : object(root);
  return { $schema: DRAFT, ...body, ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }) };

  function reference(json: JsonClass): JsonSchema {
    if (json === root) return { $ref: "#" };
    let name = names.get(json);
    if (name === undefined) {
      name = json.name;
      for (let i = 2; Object.hasOwn(definitions, name); i++) name = `${json.name}${i}`;
      names.set(json, name);
      definitions[name] = {};
      definitions[name] = object(json);
    }
    return { $ref: `#/$defs/${name}` };
  }

  function object(json: JsonClass): JsonSchema {
    const required = json.fields.filter((field) => field.required).map((field) => field.key);
    return {
      type: "object",
      properties: Object.fromEntries(
        json.fields.map((field) => [field.key, { ...schema(field.type), ...defaultOf(field) }]),
      ),
      ...(required.length === 0 ? {} : { required }),
    };
  }

  function schema(of: JsonType): JsonSchema {
    const plain = notNull(of);
    if (!of.nullable || of.kind === "any") return plain;
    return typeof plain["type"] === "string"
      ? { ...plain, type: [plain["type"], "null"] }
      : { anyOf: [plain, { type: "null" }] };
  }

  function notNull(of: JsonType): JsonSchema {
    switch (of.kind) {
      case "bool":
        return { type: "boolean" };
      case "float":
        return { type: "number" };
      case "string":
        return { type: "string" };
      case "bytes":
        return { type: "string", contentEncoding: "base64" };
      case "uuid":
        return { type: "string", format: "uuid" };
      case "any":
        return {};
      case "integer":
        return integer(of.bits, of.signed);
      case "array":
        return { type: "array", items: schema(of.item) };
      case "map":
        return { type: "object", additionalProperties: schema(of.value) };
      case "class":
        return reference(of.class);
    }
  }
}

function integer(bits: number, signed: boolean): JsonSchema {
  // Beyond 2^53 − 1 they travel as strings.
  if (bits === 64) return { type: ["integer", "string"], ...(signed ? {} : { minimum: 0 }) };
  return signed
    ? { type: "integer", minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 }
    : { type: "integer", minimum: 0, maximum: 2 ** bits - 1 };
}

/** The default of a field that starts with a plain literal. */
function defaultOf(field: JsonField): JsonSchema {
  const { initializer, type, required } = field;
  if (initializer === null || required) return {};
  const text = textOf(initializer);
  if (type.kind === "string" && isString(initializer)) return { default: initializer.value };
  if (type.kind === "bool" && (text === "true" || text === "false")) return { default: text === "true" };
  const isNumber = isInteger(initializer) || isFloat(initializer) || /^-[0-9][0-9_.]*$/.test(text);
  const value = Number(text.replaceAll("_", ""));
  if ((type.kind === "integer" || type.kind === "float") && isNumber && Number.isFinite(value))
    return { default: value };
  return {};
}
