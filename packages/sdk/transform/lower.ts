import type {
  Expression,
  FunctionDeclaration,
  FunctionExpression,
  MethodDeclaration,
  Node,
  Parser,
  Source,
  Statement,
  TypeNode,
} from "assemblyscript";
import { ArrowKind, NodeKind } from "./compiler.js";
import { GENERATED, importGenerated } from "./graft.js";
import { Hoister } from "./hoist.js";
import { lowerStatements } from "./lower-statements.js";
import type { Names } from "./names.js";
import type { Reporter } from "./reporter.js";
import { childrenOf, isCall, isFunction, isIdentifier, isMethod, isNamedType, typeName, walk } from "./syntax.js";
import { make } from "./compiler.js";

/** Gives generated locals names of their own in the whole program. */
export class Numbers {
  #next = 0;
  next(prefix: string): string {
    return `__${prefix}${this.#next++}`;
  }
}

const isFunctionExpression = (node: Node): node is FunctionExpression => node.kind === NodeKind.Function;

/**
 * Rewrites, in every function of a source, what AssemblyScript has no form for: `for (const x of items)`,
 * `orReturn(result)`, `done()`, and `fail(…)` and `done(value)` without a type.
 */
export function lowerSource(source: Source, names: Names, numbers: Numbers, parser: Parser, report: Reporter): void {
  const sdkName = (node: Node): string | null => {
    if (!isIdentifier(node)) return null;
    for (const name of ["orReturn", "done", "fail"]) if (names.isSdk(node.text, name, source)) return name;
    return null;
  };
  const bodies: (FunctionDeclaration | MethodDeclaration)[] = [];
  for (const statement of source.statements) {
    walk(statement, (node) => {
      if (isFunction(node) || isMethod(node)) bodies.push(node);
      return undefined;
    });
  }
  const seen = new Set<Node>();
  for (const declaration of bodies) {
    if (declaration.body === null || seen.has(declaration)) continue;
    seen.add(declaration);
    const result = resultType(declaration);
    if (fillTypes(declaration.body, result, sdkName)) importGenerated(source, parser);
    const hoister = new Hoister(result, (node) => sdkName(node) === "orReturn", numbers, report);
    if (
      isFunction(declaration) &&
      declaration.arrowKind !== ArrowKind.None &&
      declaration.body.kind === NodeKind.Expression
    ) {
      hoister.refuseIn(declaration.body, "in an arrow function without braces; give it a body with `return`");
      continue;
    }
    const [body] = lowerStatements([declaration.body], hoister, numbers);
    if (body !== undefined) declaration.body = body;
  }
  // At the top level nothing can return.
  const atTop = new Hoister(null, (node) => sdkName(node) === "orReturn", numbers, report);
  source.statements = source.statements.flatMap((statement): Statement[] =>
    isTopLevelCode(statement) ? lowerStatements([statement], atTop, numbers) : [statement],
  );
}

function isTopLevelCode(statement: Statement): boolean {
  return [
    NodeKind.Expression,
    NodeKind.ForOf,
    NodeKind.For,
    NodeKind.If,
    NodeKind.While,
    NodeKind.Do,
    NodeKind.Block,
    NodeKind.Variable,
  ].includes(statement.kind);
}

/** The T of a function that returns Result<T>; null where it returns something else. */
function resultType(declaration: FunctionDeclaration | MethodDeclaration): TypeNode | null {
  const { returnType } = declaration.signature;
  if (typeName(returnType) !== "Result" || !isNamedType(returnType)) return null;
  return returnType.typeArguments?.[0] ?? null;
}

/** True where generated names were used. */
function fillTypes(body: Statement, result: TypeNode | null, sdkName: (node: Node) => string | null): boolean {
  let usedGenerated = false;
  const visit = (node: Node): void => {
    if (isFunctionExpression(node) || (node !== body && isFunction(node))) return;
    if (isCall(node) && node.typeArguments === null) {
      const name = sdkName(node.expression);
      if (name === "done" && node.args.length === 0) {
        node.expression = generatedName("doneWithout", node.expression);
        usedGenerated = true;
      } else if (result !== null && (name === "fail" || (name === "done" && typeNameIsNotVoid(result)))) {
        node.typeArguments = [result];
      }
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(body);
  return usedGenerated;
}

function typeNameIsNotVoid(type: TypeNode): boolean {
  return typeName(type) !== "void";
}

function generatedName(name: string, place: Expression): Expression {
  const { range } = place;
  return make.createPropertyAccessExpression(
    make.createIdentifierExpression(GENERATED, range),
    make.createIdentifierExpression(name, range),
    range,
  );
}
