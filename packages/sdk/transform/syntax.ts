import type {
  ArrayLiteralExpression,
  BinaryExpression,
  CallExpression,
  ClassDeclaration,
  DeclarationStatement,
  DecoratorNode,
  Expression,
  FieldDeclaration,
  FunctionDeclaration,
  IdentifierExpression,
  IntegerLiteralExpression,
  FloatLiteralExpression,
  MethodDeclaration,
  NamedTypeNode,
  Node,
  ObjectLiteralExpression,
  PropertyAccessExpression,
  StringLiteralExpression,
  TemplateLiteralExpression,
  TypeNode,
} from "assemblyscript";
import { CommonFlags, LiteralKind, NodeKind } from "./compiler.js";

// Proof, for each of these: the compiler gives a node of that class exactly this kind.
export const isIdentifier = (node: Node): node is IdentifierExpression => node.kind === NodeKind.Identifier;
export const isCall = (node: Node): node is CallExpression => node.kind === NodeKind.Call;
export const isBinary = (node: Node): node is BinaryExpression => node.kind === NodeKind.Binary;
export const isProperty = (node: Node): node is PropertyAccessExpression => node.kind === NodeKind.PropertyAccess;
export const isClass = (node: Node): node is ClassDeclaration => node.kind === NodeKind.ClassDeclaration;
export const isFunction = (node: Node): node is FunctionDeclaration => node.kind === NodeKind.FunctionDeclaration;
export const isMethod = (node: Node): node is MethodDeclaration => node.kind === NodeKind.MethodDeclaration;
export const isField = (node: Node): node is FieldDeclaration => node.kind === NodeKind.FieldDeclaration;
export const isNamedType = (node: Node): node is NamedTypeNode => node.kind === NodeKind.NamedType;

const isLiteral = (node: Node, kind: number): boolean =>
  node.kind === NodeKind.Literal && "literalKind" in node && node.literalKind === kind;
export const isString = (node: Node): node is StringLiteralExpression => isLiteral(node, LiteralKind.String);
export const isTemplate = (node: Node): node is TemplateLiteralExpression => isLiteral(node, LiteralKind.Template);
export const isInteger = (node: Node): node is IntegerLiteralExpression => isLiteral(node, LiteralKind.Integer);
export const isFloat = (node: Node): node is FloatLiteralExpression => isLiteral(node, LiteralKind.Float);
export const isArray = (node: Node): node is ArrayLiteralExpression => isLiteral(node, LiteralKind.Array);
export const isObject = (node: Node): node is ObjectLiteralExpression => isLiteral(node, LiteralKind.Object);
export const isRegExp = (node: Node): boolean => isLiteral(node, LiteralKind.RegExp);

export function isStatic(member: DeclarationStatement): boolean {
  return (member.flags & CommonFlags.Static) !== 0;
}

/** The text that a node was written as. */
export function textOf(node: Node): string {
  return node.range.source.text.substring(node.range.start, node.range.end);
}

/** `Result` for `Result<void>`; null for a function type, a tuple or a dotted name. */
export function typeName(type: TypeNode): string | null {
  return isNamedType(type) && type.name.next === null ? type.name.identifier.text : null;
}

/** The decorator of this name on a declaration. */
export function decoratorOf(declaration: DeclarationStatement, name: string): DecoratorNode | undefined {
  return declaration.decorators?.find((decorator) => isIdentifier(decorator.name) && decorator.name.text === name);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "kind" in value && "range" in value;
}

/** The nodes directly inside a node, in the order of the source text. */
export function childrenOf(node: Node): Node[] {
  const found: Node[] = [];
  for (const [key, value] of Object.entries(node)) {
    // A parameter's implicit field is the same text again.
    if (key === "range" || key === "implicitFieldDeclaration") continue;
    for (const candidate of Array.isArray(value) ? value : [value]) if (isNode(candidate)) found.push(candidate);
  }
  return found;
}

/** Visits a node and everything inside it; `visit` returns false to leave a node's inside out. */
export function walk(node: Node, visit: (node: Node) => boolean | undefined): void {
  if (visit(node) === false) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

/** `a.b.c` as text, where an expression is only names; else null. */
export function dottedName(expression: Expression): string | null {
  if (isIdentifier(expression)) return expression.text;
  if (!isProperty(expression)) return null;
  const left = dottedName(expression.expression);
  return left === null ? null : `${left}.${expression.property.text}`;
}
