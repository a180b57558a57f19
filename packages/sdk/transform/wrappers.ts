import path from "node:path";
import type { ClassDeclaration, MethodDeclaration, Parser, Source, Statement } from "assemblyscript";
import { SourceKind } from "./compiler.js";
import { GENERATED, importGenerated, statementsFrom } from "./graft.js";
import type { Handler } from "./handlers.js";
import { quote } from "./json-codec.js";
import { SDK } from "./names.js";

export interface Extension {
  readonly declaration: ClassDeclaration;
  readonly source: Source;
  readonly handlers: readonly Handler[];
  readonly onInit: MethodDeclaration | null;
  readonly onCleanup: MethodDeclaration | null;
}

/** The exports that every extension has. An author's own may have none of these names. */
const MEMORY_EXPORTS = ["wasm_alloc", "wasm_free", "spacedrive_abi_version"];

export function reservedExports(extension: Extension): ReadonlySet<string> {
  return new Set([
    ...MEMORY_EXPORTS,
    "plugin_init",
    "plugin_cleanup",
    "_initialize",
    "memory",
    ...extension.handlers.map((handler) => handler.exportName),
  ]);
}

/** Writes the exports of ABI version 1 for an extension class. What they do is in assembly/guest, readable without this. */
export function addExports(extension: Extension, entry: Source, parser: Parser): void {
  const { source, declaration, handlers, onInit, onCleanup } = extension;
  importGenerated(source, parser);
  const exports = handlers.map((handler) => handler.exportName);
  const added: Statement[] = handlers.flatMap((handler) =>
    statementsFrom(wrapper(handler, declaration.name.text), handler.method.name.range, parser),
  );
  added.push(...statementsFrom(init(extension), onInit?.name.range ?? declaration.name.range, parser));
  exports.push("plugin_init");
  if (onCleanup !== null) {
    added.push(
      ...statementsFrom(
        hook("plugin_cleanup", `${declaration.name.text}.onCleanup`, "onCleanup"),
        onCleanup.name.range,
        parser,
      ),
    );
    exports.push("plugin_cleanup");
  }
  source.statements.push(...added);
  // What a file exports is an export of the module only where the file is an entry.
  // Proof: `sourceKind` is a number; the compiler's types call it an enum of theirs.
  const isEntry = (source.sourceKind as number) === SourceKind.UserEntry;
  const outside = [
    isEntry ? "" : `export { ${exports.join(", ")} } from "${relativePath(entry, source)}";`,
    `export { ${MEMORY_EXPORTS.join(", ")} } from "${SDK}/assembly/generated";`,
  ];
  entry.statements.push(...statementsFrom(outside.join("\n"), entry.range, parser));
}

function relativePath(from: Source, to: Source): string {
  const relative = path.posix.relative(path.posix.dirname(from.internalPath), to.internalPath);
  return relative.startsWith(".") ? relative : `./${relative}`;
}

function wrapper(handler: Handler, className: string): string {
  const { exportName, inputText, outputText, method } = handler;
  const call = `${className}.${method.name.text}(__run.context, `;
  const head = `export function ${exportName}(__context: usize, __contextLength: i32, __input: usize, __inputLength: i32)`;
  const args = "__context, __contextLength, __input, __inputLength";
  if (handler.kind === "job") {
    return `${head}: i32 {
      const __run = ${GENERATED}.startJob<${inputText}>(${args});
      if (__run === null) return 2;
      return __run.end<${outputText}>(${call}__run.state));
    }`;
  }
  return `${head}: usize {
    const __run = ${GENERATED}.startOperation<${inputText}>(${args});
    if (__run === null) return ${GENERATED}.refused();
    return __run.reply<${outputText}>(${call}__run.input));
  }`;
}

function init(extension: Extension): string {
  const registrations = extension.handlers.map((handler) => {
    const exportName = quote(handler.exportName);
    if (handler.kind === "job")
      return `if (!${GENERATED}.registerJob(${quote(handler.name)}, ${exportName}, ${handler.resumable})) return 1;`;
    return `if (!${GENERATED}.registerOperation(${handler.kind === "query" ? 0 : 1}, ${quote(`${handler.name}.v${handler.version}`)}, ${exportName})) return 1;`;
  });
  const end =
    extension.onInit === null
      ? "return 0;"
      : `return ${GENERATED}.hookCode("onInit", ${extension.declaration.name.text}.onInit(${GENERATED}.currentContext()));`;
  return `export function plugin_init(): i32 { ${registrations.join("\n")} ${end} }`;
}

function hook(exportName: string, method: string, name: string): string {
  return `export function ${exportName}(): i32 { return ${GENERATED}.hookCode(${quote(name)}, ${method}(${GENERATED}.currentContext())); }`;
}
