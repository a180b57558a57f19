import type { Node, Source } from "assemblyscript";
import { CommonFlags, NodeKind } from "./compiler.js";
import type { Reporter } from "./reporter.js";
import {
  childrenOf,
  decoratorOf,
  dottedName,
  isFunction,
  isIdentifier,
  isMethod,
  isNamedType,
  isProperty,
  isRegExp,
  isString,
  walk,
} from "./syntax.js";

/** What a guest has not, and what to write instead. Each would become an import that the host refuses, or trap. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["Math.random", "use random() of @spacedrive/sdk: randomness comes from the host"],
  ["NativeMath.random", "use random() of @spacedrive/sdk: randomness comes from the host"],
  ["crypto", "use randomBytes(n) of @spacedrive/sdk: randomness comes from the host"],
  ["Date.now", "use now() of @spacedrive/sdk: time comes from the host"],
  ["performance", "use now() of @spacedrive/sdk: time comes from the host"],
  ["console", "use ctx.log(message), or log.info(message) of @spacedrive/sdk"],
  ["trace", "use log.debug(message) of @spacedrive/sdk"],
  ["process", "a guest has no process; what an extension needs comes from its context"],
  ["RegExp", "it compiles and then traps; use text.lines, text.words, text.between … of @spacedrive/sdk"],
  ["seed", "use random() of @spacedrive/sdk: randomness comes from the host"],
]);

/** Refuses what cannot work in a guest, in a source that the author wrote. */
export function refuseForbidden(source: Source, report: Reporter): void {
  const own = declaredNames(source);
  for (const statement of source.statements) {
    if (statement.kind === NodeKind.Import) continue;
    look(statement, own, report);
    refuseImport(statement, report);
  }
}

function look(node: Node, outer: ReadonlySet<string>, report: Reporter): void {
  const own = isFunction(node) || isMethod(node) ? new Set([...outer, ...localNames(node)]) : outer;
  if (isRegExp(node)) {
    report.error(node, `an extension has no regular expressions: ${INSTEAD.get("RegExp")}`);
    return;
  }
  const used = nameUsed(node);
  if (used !== null && !own.has(used.split(".")[0] ?? used)) {
    const instead = INSTEAD.get(used);
    if (instead !== undefined) {
      report.error(node, `\`${used}\` does not work in an extension: ${instead}`);
      return;
    }
  }
  for (const child of childrenOf(node)) {
    // The names of properties and declarations are the author's own: `x.console` is no console.
    if ((isProperty(node) && child === node.property) || ("name" in node && child === node.name && !isNamedType(node)))
      continue;
    look(child, own, report);
  }
}

function nameUsed(node: Node): string | null {
  if (isIdentifier(node) || isProperty(node)) return dottedName(node);
  // Of types only RegExp cannot be used at all.
  return isNamedType(node) && node.name.identifier.text === "RegExp" ? "RegExp" : null;
}

function refuseImport(statement: Source["statements"][number], report: Reporter): void {
  if (!isFunction(statement) || (statement.flags & CommonFlags.Declare) === 0) return;
  const external = decoratorOf(statement, "external");
  const [module] = external?.args ?? [];
  if (external?.args?.length === 2 && module !== undefined && isString(module) && module.value === "spacedrive") return;
  report.error(
    statement.name,
    `\`${statement.name.text}\` would be imported from elsewhere: the host gives a guest the module "spacedrive" alone. Use ctx.call(...)`,
  );
}

/** Names that the author gave to something else at the top of a file. */
function declaredNames(source: Source): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of source.statements) {
    if ("name" in statement && isNamed(statement.name)) names.add(statement.name.text);
    // Imports and variables hold their names one level down.
    for (const child of childrenOf(statement)) {
      if ((isImportDeclaration(child) || isVariable(child)) && isNamed(child.name)) names.add(child.name.text);
    }
  }
  return names;
}

/** Names of a function's parameters and of all that is declared in it. */
function localNames(declaration: Node): string[] {
  const names: string[] = [];
  walk(declaration, (node) => {
    if ((isVariable(node) || "parameterKind" in node) && "name" in node && isNamed(node.name))
      names.push(node.name.text);
    return undefined;
  });
  return names;
}

function isNamed(name: unknown): name is { readonly text: string } {
  return typeof name === "object" && name !== null && "text" in name && typeof name.text === "string";
}

function isImportDeclaration(node: Node): node is Node & { readonly name: unknown } {
  return (node.kind as number) === NodeKind.ImportDeclaration;
}

function isVariable(node: Node): node is Node & { readonly name: unknown } {
  return (node.kind as number) === NodeKind.VariableDeclaration;
}
