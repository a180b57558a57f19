import type {
  DeclarationStatement,
  EnumDeclaration,
  ExportStatement,
  ImportStatement,
  Node,
  Parser,
  Source,
  TypeDeclaration,
} from "assemblyscript";
import { NodeKind, SourceKind } from "./compiler.js";

export const SDK = "@spacedrive/sdk";
const SDK_PREFIX = `~lib/${SDK}/`;

/** A declaration and the source it stands in. */
export interface Found {
  readonly declaration: DeclarationStatement;
  readonly source: Source;
}

const isImport = (node: Node): node is ImportStatement => node.kind === NodeKind.Import;
const isExport = (node: Node): node is ExportStatement => node.kind === NodeKind.Export;
export const isTypeAlias = (node: Node): node is TypeDeclaration => node.kind === NodeKind.TypeDeclaration;
export const isEnum = (node: Node): node is EnumDeclaration => node.kind === NodeKind.EnumDeclaration;

/** Finds what a name in a source stands for, through imports and re-exports. */
export class Names {
  readonly #sources: ReadonlyMap<string, Source>;
  readonly all: readonly Source[];

  constructor(parser: Parser) {
    this.all = parser.sources;
    this.#sources = new Map(parser.sources.map((source) => [source.internalPath, source]));
  }

  find(name: string, source: Source): Found | null {
    const local = this.#declared(name, source);
    if (local !== null) return local;
    for (const statement of source.statements) {
      if (!isImport(statement) || statement.declarations === null) continue;
      const imported = statement.declarations.find((one) => one.name.text === name);
      if (imported === undefined) continue;
      const from = this.#source(statement.internalPath);
      return from === null ? null : this.#exported(imported.foreignName.text, from, new Set());
    }
    return null;
  }

  /** Whether a name in a source is what the SDK exports as `exported`. */
  isSdk(name: string, exported: string, source: Source): boolean {
    const found = this.find(name, source);
    return found !== null && found.declaration.name.text === exported && isSdkSource(found.source);
  }

  #declared(name: string, source: Source): Found | null {
    for (const statement of source.statements) {
      // Proof: everything with a `name` and `flags` at the top level is a declaration.
      if ("name" in statement && "flags" in statement && (statement as DeclarationStatement).name.text === name) {
        return { declaration: statement as DeclarationStatement, source };
      }
    }
    return null;
  }

  #exported(name: string, source: Source, seen: Set<Source>): Found | null {
    if (seen.has(source)) return null;
    seen.add(source);
    const local = this.#declared(name, source);
    if (local !== null) return local;
    for (const statement of source.statements) {
      if (!isExport(statement)) continue;
      const from = statement.internalPath === null ? null : this.#source(statement.internalPath);
      const member = statement.members?.find((one) => one.exportedName.text === name);
      if (member !== undefined) {
        return from === null
          ? this.find(member.localName.text, source)
          : this.#exported(member.localName.text, from, seen);
      }
      if (statement.members === null && from !== null) {
        const found = this.#exported(name, from, seen);
        if (found !== null) return found;
      }
    }
    return null;
  }

  #source(internalPath: string): Source | null {
    return this.#sources.get(internalPath) ?? this.#sources.get(`${internalPath}/index`) ?? null;
  }
}

export function isSdkSource(source: Source): boolean {
  return source.normalizedPath.startsWith(SDK_PREFIX);
}

/** The author's own files; not those of a package. */
export function isAuthorSource(source: Source): boolean {
  return source.sourceKind === SourceKind.User || source.sourceKind === SourceKind.UserEntry;
}

/** Files in which the SDK's decorators and `orReturn` mean something: the author's, the SDK's, and those of packages made with it. */
export function usesSdk(source: Source): boolean {
  if (isAuthorSource(source) || isSdkSource(source)) return true;
  return source.statements.some(
    (statement) => isImport(statement) && (statement.path.value === SDK || statement.path.value.startsWith(`${SDK}/`)),
  );
}
