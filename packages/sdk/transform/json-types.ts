import type { ClassDeclaration, Expression, FieldDeclaration, Source, TypeNode } from "assemblyscript";
import { CommonFlags } from "./compiler.js";
import { isEnum, isSdkSource, isTypeAlias, type Names } from "./names.js";
import type { Reporter } from "./reporter.js";
import { decoratorOf, isClass, isField, isNamedType, isString, textOf, typeName } from "./syntax.js";

/** A type that JSON can carry. */
export type JsonType = (
  | { readonly kind: "bool" | "float" | "string" | "bytes" | "uuid" | "any" }
  | { readonly kind: "integer"; readonly bits: number; readonly signed: boolean }
  | { readonly kind: "array"; readonly item: JsonType }
  | { readonly kind: "map"; readonly value: JsonType }
  | { readonly kind: "class"; readonly class: JsonClass }
) & { readonly nullable: boolean };

export interface JsonField {
  readonly declaration: FieldDeclaration;
  /** As AssemblyScript has it. */
  readonly name: string;
  /** As JSON has it. */
  readonly key: string;
  readonly typeText: string;
  readonly type: JsonType;
  /** `name!: T`: must be in the text, and is always written. */
  readonly required: boolean;
  readonly initializer: Expression | null;
}

export interface JsonClass {
  readonly name: string;
  readonly declaration: ClassDeclaration;
  readonly source: Source;
  /** Filled in on first use, so that classes may hold one another. */
  readonly fields: readonly JsonField[];
}

const INTEGERS: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  __proto__: null as never,
  i8: [8, true],
  i16: [16, true],
  i32: [32, true],
  i64: [64, true],
  isize: [32, true],
  u8: [8, false],
  u16: [16, false],
  u32: [32, false],
  u64: [64, false],
  usize: [32, false],
};
const FIELD_TYPES =
  "string, bool, an integer, f32, f64, Uint8Array (base64), Uuid, JsonValue, an enum, a @json class, T[] or Map<string, T>";
const MAX_REQUIRED = 64;

/** What the @json classes of a program look like. */
export class JsonTypes {
  readonly #names: Names;
  readonly #report: Reporter;
  readonly #classes = new Map<ClassDeclaration, JsonClass>();

  constructor(names: Names, report: Reporter) {
    this.#names = names;
    this.#report = report;
  }

  /** A @json class, with its fields checked. */
  class(declaration: ClassDeclaration, source: Source): JsonClass {
    const known = this.#classes.get(declaration);
    if (known !== undefined) return known;
    const fields: JsonField[] = [];
    const json = { name: declaration.name.text, declaration, source, fields };
    this.#classes.set(declaration, json);
    this.#checkClass(declaration);
    for (const member of declaration.members) {
      if (!isField(member) || (member.flags & CommonFlags.Static) !== 0 || decoratorOf(member, "skip") !== undefined)
        continue;
      const field = this.#field(member, source);
      if (field !== null) fields.push(field);
    }
    this.#checkFields(declaration, fields);
    return json;
  }

  /** Null, and an error at the author's type, for what JSON cannot carry. */
  type(type: TypeNode, source: Source, owner = "JSON"): JsonType | null {
    const refuse = (reason: string): null => {
      this.#report.error(type, reason);
      return null;
    };
    if (!isNamedType(type)) return refuse(`${owner} cannot carry a function; use ${FIELD_TYPES}`);
    const name = typeName(type);
    const nullable = type.isNullable;
    if (name === null) return refuse(`${owner} cannot carry \`${textOf(type)}\`; use ${FIELD_TYPES}`);
    const plain = this.#plain(name);
    if (plain !== null) {
      if (nullable)
        return refuse(
          `AssemblyScript has no nullable \`${name}\`; give the field a default that means "none", or use a JsonValue`,
        );
      return { ...plain, nullable };
    }
    const [first, second] = type.typeArguments ?? [];
    if (name === "string" || name === "String") return { kind: "string", nullable };
    if (name === "Uint8Array") return { kind: "bytes", nullable };
    if (name === "Array" && first !== undefined) {
      const item = this.type(first, source, owner);
      return item === null ? null : { kind: "array", item, nullable };
    }
    if (name === "Map" && first !== undefined && second !== undefined) {
      if (typeName(first) !== "string" || first.isNullable)
        return refuse("the keys of a JSON object are strings: use Map<string, T>");
      const value = this.type(second, source, owner);
      return value === null ? null : { kind: "map", value, nullable };
    }
    const found = this.#names.find(name, source);
    if (found === null) return refuse(`${owner} cannot carry \`${textOf(type)}\`; use ${FIELD_TYPES}`);
    const { declaration } = found;
    if (isTypeAlias(declaration)) {
      const aliased = this.type(declaration.type, found.source, owner);
      return aliased === null ? null : { ...aliased, nullable: nullable || aliased.nullable };
    }
    if (isEnum(declaration)) return { kind: "integer", bits: 32, signed: true, nullable: false };
    if (isSdkSource(found.source) && declaration.name.text === "Uuid") return { kind: "uuid", nullable };
    if (isSdkSource(found.source) && declaration.name.text === "JsonValue") return { kind: "any", nullable };
    if (!isClass(declaration) || decoratorOf(declaration, "json") === undefined) {
      return refuse(`\`${name}\` is not a @json class; write @json before \`class ${declaration.name.text}\``);
    }
    return { kind: "class", class: this.class(declaration, found.source), nullable };
  }

  #plain(name: string): { kind: "bool" | "float" } | { kind: "integer"; bits: number; signed: boolean } | null {
    if (name === "bool" || name === "boolean") return { kind: "bool" };
    if (name === "f32" || name === "f64" || name === "number") return { kind: "float" };
    const integer = INTEGERS[name];
    return integer === undefined ? null : { kind: "integer", bits: integer[0], signed: integer[1] };
  }

  #field(member: FieldDeclaration, source: Source): JsonField | null {
    const name = member.name.text;
    if (member.type === null) {
      this.#report.error(member.name, `the field \`${name}\` of a @json class needs a type`);
      return null;
    }
    if ((member.flags & CommonFlags.Readonly) !== 0) {
      this.#report.error(
        member.name,
        `the field \`${name}\` is read from JSON, so it cannot be readonly; take \`readonly\` away, or @skip the field`,
      );
      return null;
    }
    const type = this.type(member.type, source, "a @json field");
    if (type === null) return null;
    const required = (member.flags & CommonFlags.DefinitelyAssigned) !== 0;
    return {
      declaration: member,
      name,
      key: this.#key(member),
      typeText: textOf(member.type),
      type,
      required,
      initializer: member.initializer,
    };
  }

  #key(member: FieldDeclaration): string {
    const rename = decoratorOf(member, "rename");
    if (rename === undefined) return member.name.text;
    const [key] = rename.args ?? [];
    if (key !== undefined && isString(key)) return key.value;
    this.#report.error(rename, '@rename takes the name that JSON has for the field: @rename("type")');
    return member.name.text;
  }

  #checkClass(declaration: ClassDeclaration): void {
    const name = declaration.name.text;
    if (declaration.isGeneric)
      this.#report.error(declaration.name, `the @json class \`${name}\` cannot have type parameters`);
    if (declaration.extendsType !== null) {
      this.#report.error(
        declaration.extendsType,
        `the @json class \`${name}\` cannot extend another class; hold it as a field`,
      );
    }
    if ((declaration.flags & CommonFlags.Abstract) !== 0)
      this.#report.error(declaration.name, `the @json class \`${name}\` cannot be abstract`);
    for (const member of declaration.members) {
      if ((member.flags & CommonFlags.Constructor) === 0 || !("signature" in member)) continue;
      // Proof: only methods have a signature.
      const { parameters } = (
        member as unknown as { signature: { parameters: { initializer: unknown; parameterKind: number }[] } }
      ).signature;
      if (parameters.some((one) => one.initializer === null && one.parameterKind === 0)) {
        this.#report.error(
          member,
          `the @json class \`${name}\` is made before its fields are read, so every constructor parameter needs a default`,
        );
      }
    }
  }

  #checkFields(declaration: ClassDeclaration, fields: readonly JsonField[]): void {
    const keys = new Set<string>();
    for (const field of fields) {
      if (keys.has(field.key))
        this.#report.error(
          field.declaration.name,
          `two fields of \`${declaration.name.text}\` have the JSON name "${field.key}"`,
        );
      keys.add(field.key);
    }
    if (fields.filter((field) => field.required).length > MAX_REQUIRED) {
      this.#report.error(declaration.name, `a @json class has at most ${MAX_REQUIRED} required fields`);
    }
  }
}
