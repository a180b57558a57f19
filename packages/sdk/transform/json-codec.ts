import type { Parser } from "assemblyscript";
import { CommonFlags } from "./compiler.js";
import { GENERATED, importGenerated, membersFrom } from "./graft.js";
import type { JsonClass, JsonField, JsonType } from "./json-types.js";

/** Writes `__json_read` and `__json_write` into a @json class. What they do is in assembly/json, readable without this. */
export function addCodec(json: JsonClass, parser: Parser): void {
  importGenerated(json.source, parser);
  for (const field of json.fields) {
    // The compiler finds `!` needless where zero or null is a value; to JSON it says that the field is required.
    if (field.type.nullable || !isReference(field.type)) field.declaration.flags &= ~CommonFlags.DefinitelyAssigned;
  }
  const members = membersFrom(`${reader(json)}\n${writer(json)}`, json.declaration.name.range, parser);
  json.declaration.members.push(...members);
}

function reader(json: JsonClass): string {
  const required = json.fields.filter((field) => field.required);
  const cases = json.fields.map((field) => {
    const bit = required.indexOf(field);
    return `if (__r.keyIs(${quote(field.key)})) { ${read(field)} ${bit < 0 ? "" : `__seen |= ${bitOf(bit)};`} } else`;
  });
  const checks = required.map((field, bit) => `if ((__seen & ${bitOf(bit)}) == 0) __r.missing(${quote(field.key)});`);
  return `__json_read(__r: ${GENERATED}.JsonReader): void {
    if (!__r.beginObject()) return;
    let __seen: u64 = 0;
    while (__r.nextKey()) { ${cases.join("\n")} __r.skipValue(); }
    if (__r.failed) return;
    ${checks.join("\n")}
  }`;
}

function read(field: JsonField): string {
  const assign = `this.${field.name} = ${GENERATED}.readJson<${field.typeText}>(__r);`;
  // Null for a field with a default means the default.
  return field.required || field.type.nullable || field.type.kind === "any" ? assign : `if (!__r.takeNull()) ${assign}`;
}

function writer(json: JsonClass): string {
  return `__json_write(__w: ${GENERATED}.JsonWriter): void {
    if (!__w.beginObject()) return;
    ${json.fields.map((field) => write(field, json.name)).join("\n")}
    __w.endObject();
  }`;
}

function write(field: JsonField, className: string): string {
  const key = `__w.plainKey(${quote(`${asciiJson(field.key)}:`)});`;
  const value = `${GENERATED}.writeJson<${field.typeText}>(__w, this.${field.name});`;
  if (field.type.nullable && !field.required) return `if (this.${field.name} !== null) { ${key} ${value} }`;
  if (field.required && !field.type.nullable && isReference(field.type)) {
    return `if (__w.isSet(changetype<usize>(this) + offsetof<${className}>("${field.name}"), ${quote(field.key)})) { ${key} ${value} }`;
  }
  return `${key} ${value}`;
}

function isReference(type: JsonType): boolean {
  return type.kind !== "bool" && type.kind !== "integer" && type.kind !== "float";
}

function bitOf(bit: number): string {
  return `(<u64>1 << ${bit})`;
}

/** A string literal of AssemblyScript. */
export function quote(text: string): string {
  return asciiJson(text);
}

/** JSON of a string in ASCII alone. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
