import { readFileSync } from "node:fs";
import { parseSync, Visitor } from "oxc-parser";

/** An import, a re-export, a dynamic import or an import type, as it stands in a file. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /**
   * True where the compiler erases it. `import { type A } from "a"` is not erased: `verbatimModuleSyntax` leaves an
   * import of the bare module.
   */
  readonly typeOnly: boolean;
}

/** What the rules know of a file. */
export interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Lines on which `JSON.parse` is called, taken or hidden behind another name. */
  readonly jsonParses: readonly number[];
  readonly defaultExports: readonly number[];
}

/** @throws Error where the file is not TypeScript. */
export function readSourceFile(absolutePath: string, path: string): SourceFile {
  const text = readFileSync(absolutePath, "utf8");
  return isAssemblyScript(path) ? scanAssemblyScript(text, path) : parseTypeScript(text, path);
}

export function isAssemblyScript(path: string): boolean {
  return path.split("/").includes("assembly");
}

function parseTypeScript(text: string, path: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);

  const lineAt = lineFinder(text);
  const imports: Import[] = [];
  const jsonParses: number[] = [];
  const defaultExports: number[] = [];
  const add = (source: { value: unknown; start: number } | null, typeOnly: boolean): void => {
    if (typeof source?.value === "string")
      imports.push({ specifier: source.value, line: lineAt(source.start), typeOnly });
  };

  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === "type"),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === "type"),
    ExportNamedDeclaration(node) {
      add(node.source, node.exportKind === "type");
      for (const specifier of node.specifiers) {
        const { exported } = specifier;
        const name = exported.type === "Literal" ? exported.value : exported.name;
        if (name === "default") defaultExports.push(lineAt(specifier.start));
      }
    },
    ExportDefaultDeclaration: (node) => void defaultExports.push(lineAt(node.start)),
    ImportExpression: (node) => add(literal(node.source), false),
    TSImportType: (node) => add(node.source, true),
    TSExternalModuleReference: (node) => add(node.expression, false),
    CallExpression(node) {
      if (node.callee.type === "Identifier" && node.callee.name === "require") add(literal(node.arguments[0]), false);
    },
    MemberExpression(node) {
      if (node.object.type !== "Identifier" || node.object.name !== "JSON") return;
      const { property } = node;
      const name = property.type === "Identifier" && !node.computed ? property.name : literal(property)?.value;
      if (name !== "stringify") jsonParses.push(lineAt(node.start));
    },
    VariableDeclarator(node) {
      if (node.init?.type === "Identifier" && node.init.name === "JSON") jsonParses.push(lineAt(node.start));
    },
  }).visit(program);

  return { path, lines: countLines(text), imports, jsonParses, defaultExports };
}

function literal(node: { type: string; start: number; value?: unknown } | undefined): {
  value: unknown;
  start: number;
} | null {
  return node?.type === "Literal" ? { value: node.value, start: node.start } : null;
}

const IMPORT_OR_EXPORT_FROM = /(?:^|[;}])\s*(?:import\s*|(?:import|export)\b[^;"'`]*?\bfrom\s*)["']([^"'\n]+)["']/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/[^\n]*/g;

/** AssemblyScript is not TypeScript (`@inline function`), but its imports look the same, and there are no others. */
function scanAssemblyScript(text: string, path: string): SourceFile {
  const lineAt = lineFinder(text);
  const code = text.replace(COMMENT, (comment) => comment.replace(/[^\n]/g, " "));
  const imports = [...code.matchAll(IMPORT_OR_EXPORT_FROM)].map((match) => ({
    specifier: match[1] ?? "",
    line: lineAt(match.index + match[0].length - 1),
    typeOnly: false,
  }));
  return { path, lines: countLines(text), imports, jsonParses: [], defaultExports: [] };
}

function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}
