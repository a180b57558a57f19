import type { ClassDeclaration, DeclarationStatement, Source } from "assemblyscript";
import { CommonFlags, SourceKind } from "./compiler.js";
import { extensionFields } from "./extension-fields.js";
import { readFields } from "./fields.js";
import { HANDLER_DECORATORS, Handlers } from "./handlers.js";
import type { JsonTypes } from "./json-types.js";
import type { Names } from "./names.js";
import type { Reporter } from "./reporter.js";
import { childrenOf, decoratorOf, isClass, isField, isFunction, isMethod } from "./syntax.js";
import { type Extension, reservedExports } from "./wrappers.js";

/** An extension class, and what its decorator says, in the manifest's own names. */
export interface DeclaredExtension extends Extension {
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Finds the one @extension class. Null where there is none, and after a fault. */
export function findExtension(
  sources: readonly Source[],
  names: Names,
  types: JsonTypes,
  report: Reporter,
): DeclaredExtension | null {
  const found = sources.flatMap((source) =>
    source.statements
      .filter(isClass)
      .flatMap((declaration) => (decoratorOf(declaration, "extension") === undefined ? [] : [{ declaration, source }])),
  );
  for (const source of sources) for (const statement of source.statements) refuseStray(statement, report);
  const [first, ...others] = found;
  for (const { declaration } of others) {
    report.error(
      declaration.name,
      `an extension has one @extension class, and \`${first?.declaration.name.text}\` is it already; move the handlers there`,
    );
  }
  if (first === undefined || others.length > 0) return null;
  const { declaration, source } = first;
  const [argument] = decoratorOf(declaration, "extension")?.args ?? [];
  const manifest = argument === undefined ? null : readFields(argument, extensionFields, "@extension", report);
  if (argument === undefined)
    report.error(
      declaration.name,
      '@extension needs the manifest: @extension({ id: "my-extension", name: "My Extension", version: "0.1.0" })',
    );
  if (declaration.isGeneric) report.error(declaration.name, "the @extension class cannot have type parameters");
  const handlers = new Handlers(names, types, report);
  const extension = {
    declaration,
    source,
    handlers: handlers.of(declaration, source),
    onInit: handlers.hook(declaration, "onInit", source),
    onCleanup: handlers.hook(declaration, "onCleanup", source),
  };
  refuseReserved(extension, sources, report);
  return manifest === null ? null : { ...extension, manifest };
}

/** Decorators that stand where they mean nothing. */
function refuseStray(statement: Source["statements"][number], report: Reporter): void {
  const visit = (declaration: DeclarationStatement, owner: ClassDeclaration | null): void => {
    for (const decorator of HANDLER_DECORATORS) {
      const stray = decoratorOf(declaration, decorator);
      if (stray !== undefined && (owner === null || decoratorOf(owner, "extension") === undefined)) {
        report.error(stray, `@${decorator} stands before a static method of the @extension class`);
      }
    }
    for (const name of ["rename", "skip"]) {
      const stray = decoratorOf(declaration, name);
      if (
        stray !== undefined &&
        (owner === null || !isField(declaration) || decoratorOf(owner, "json") === undefined)
      ) {
        report.error(stray, `@${name} stands before a field of a @json class`);
      }
    }
    for (const name of ["json", "extension"]) {
      const stray = decoratorOf(declaration, name);
      if (stray !== undefined && (owner !== null || !isClass(declaration)))
        report.error(stray, `@${name} stands before a class`);
    }
  };
  if (!isClass(statement)) {
    if (isFunction(statement)) visit(statement, null);
    return;
  }
  visit(statement, null);
  for (const member of childrenOf(statement)) if (isMethod(member) || isField(member)) visit(member, statement);
}

function refuseReserved(extension: Extension, sources: readonly Source[], report: Reporter): void {
  const reserved = reservedExports(extension);
  for (const source of sources) {
    // Proof: `sourceKind` is a number; the compiler's types call it an enum of theirs.
    if ((source.sourceKind as number) !== SourceKind.UserEntry) continue;
    for (const statement of source.statements) {
      if (!isFunction(statement) || (statement.flags & CommonFlags.Export) === 0 || !reserved.has(statement.name.text))
        continue;
      report.error(
        statement.name,
        `\`${statement.name.text}\` is an export that the SDK writes; give this function another name, or make it a hook: static onInit(ctx), static onCleanup(ctx)`,
      );
    }
  }
}
