import type { Expression } from "assemblyscript";
import { NodeKind, Token } from "./compiler.js";
import { isArray, isFloat, isInteger, isObject, isString, isTemplate, textOf } from "./syntax.js";

/** What a decorator's argument says, with the place of each part for errors. */
export type Literal =
  | { readonly kind: "string"; readonly value: string; readonly place: Expression }
  | { readonly kind: "number"; readonly value: number; readonly place: Expression }
  | { readonly kind: "boolean"; readonly value: boolean; readonly place: Expression }
  | { readonly kind: "null"; readonly place: Expression }
  | { readonly kind: "array"; readonly items: readonly Literal[]; readonly place: Expression }
  | { readonly kind: "object"; readonly entries: readonly LiteralEntry[]; readonly place: Expression };

export interface LiteralEntry {
  readonly key: string;
  readonly place: Expression;
  readonly value: Literal;
}

/** Null, with the place in `refuse`, where something is not written out: a name, a call, a template with values. */
export function literalOf(place: Expression, refuse: (place: Expression) => void): Literal | null {
  if (isString(place)) return { kind: "string", value: place.value, place };
  if (isTemplate(place) && place.expressions.length === 0)
    return { kind: "string", value: place.parts[0] ?? "", place };
  if (isInteger(place) || isFloat(place) || isNegative(place))
    return { kind: "number", value: Number(textOf(place).replaceAll("_", "")), place };
  // Proof: `kind` is a number; the compiler's types call it an enum of theirs.
  const kind = place.kind as number;
  if (kind === NodeKind.True || kind === NodeKind.False)
    return { kind: "boolean", value: kind === NodeKind.True, place };
  if (kind === NodeKind.Null) return { kind: "null", place };
  if (isArray(place)) {
    const items = place.elementExpressions.map((item) => literalOf(item, refuse));
    return items.some((item) => item === null)
      ? null
      : { kind: "array", items: items.filter((item) => item !== null), place };
  }
  if (isObject(place)) {
    const entries: LiteralEntry[] = [];
    for (const [index, name] of place.names.entries()) {
      const value = place.values[index];
      const literal = value === undefined ? null : literalOf(value, refuse);
      if (literal === null) return null;
      entries.push({ key: name.text, place: name, value: literal });
    }
    return { kind: "object", entries, place };
  }
  refuse(place);
  return null;
}

function isNegative(place: Expression): boolean {
  if ((place.kind as number) !== NodeKind.UnaryPrefix || !("operator" in place) || !("operand" in place)) return false;
  // Proof: the operand of a unary expression is an expression.
  const operand = place.operand as Expression;
  return place.operator === Token.Minus && (isInteger(operand) || isFloat(operand));
}

/** The plain value of a literal. */
export function valueOf(literal: Literal): unknown {
  switch (literal.kind) {
    case "string":
    case "number":
    case "boolean":
      return literal.value;
    case "null":
      return null;
    case "array":
      return literal.items.map(valueOf);
    case "object":
      return Object.fromEntries(literal.entries.map((entry) => [entry.key, valueOf(entry.value)]));
  }
}
