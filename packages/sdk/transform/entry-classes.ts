import type { ImportStatement, Node, Source } from "assemblyscript";
import { CommonFlags, NodeKind } from "./compiler.js";
import { isClass } from "./syntax.js";

const isImport = (node: Node): node is ImportStatement => node.kind === NodeKind.Import;

/**
 * Takes `export` from the classes of an entry file that no other file imports: an export of the file would be an export
 * of the module, which a class cannot be, and the compiler would warn of every one.
 */
export function unexportClasses(entry: Source, sources: readonly Source[]): void {
  const imported = new Set(
    sources
      .flatMap((source) =>
        source.statements
          .filter(isImport)
          .flatMap((statement) =>
            statement.internalPath === entry.internalPath ? (statement.declarations ?? []) : [],
          ),
      )
      .map((declaration) => declaration.foreignName.text),
  );
  for (const declaration of entry.statements.filter(isClass)) {
    if (!imported.has(declaration.name.text)) declaration.flags &= ~CommonFlags.Export;
  }
}
