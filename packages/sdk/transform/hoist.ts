import type {
  BinaryExpression,
  CallExpression,
  Expression,
  Node,
  Statement,
  TernaryExpression,
  TypeNode,
} from "assemblyscript";
import { CommonFlags, make, NodeKind, type Range, Token } from "./compiler.js";
import type { Numbers } from "./lower.js";
import type { Reporter } from "./reporter.js";
import { isBinary, isCall, walk } from "./syntax.js";

const ASSIGNMENTS: ReadonlySet<number> = new Set([
  Token.Equals,
  Token.Plus_Equals,
  Token.Minus_Equals,
  Token.Asterisk_Equals,
  Token.Asterisk_Asterisk_Equals,
  Token.Slash_Equals,
  Token.Percent_Equals,
  Token.LessThan_LessThan_Equals,
  Token.GreaterThan_GreaterThan_Equals,
  Token.GreaterThan_GreaterThan_GreaterThan_Equals,
  Token.Ampersand_Equals,
  Token.Bar_Equals,
  Token.Caret_Equals,
]);
const isTernary = (node: Node): node is TernaryExpression => node.kind === NodeKind.Ternary;

/** Takes the `orReturn(…)` out of one function's expressions, as statements that go before. */
export class Hoister {
  readonly #result: TypeNode | null;
  readonly #isOrReturn: (callee: Node) => boolean;
  readonly #numbers: Numbers;
  readonly #report: Reporter;

  constructor(result: TypeNode | null, isOrReturn: (callee: Node) => boolean, numbers: Numbers, report: Reporter) {
    this.#result = result;
    this.#isOrReturn = isOrReturn;
    this.#numbers = numbers;
    this.#report = report;
  }

  /** The expression without its `orReturn`s; what they became is added to `before`. */
  hoist(expression: Expression, before: Statement[]): Expression {
    if (!this.#contains(expression)) return expression;
    return this.#rewrite(expression, { before, effects: false }, false);
  }

  /** The same for an expression whose value nobody wants; null where nothing is left of it. */
  hoistStatement(expression: Expression, before: Statement[]): Expression | null {
    if (isCall(expression) && this.#isOrReturn(expression.expression)) {
      this.#lower(expression, { before, effects: false }, false);
      return null;
    }
    return this.hoist(expression, before);
  }

  refuseIn(node: Node | null, where: string): void {
    if (node === null) return;
    walk(node, (inner) => {
      if (inner.kind === NodeKind.Function) return false;
      if (isCall(inner) && this.#isOrReturn(inner.expression))
        this.#report.error(inner, `orReturn(...) cannot stand ${where}`);
      return undefined;
    });
  }

  #contains(expression: Expression): boolean {
    let found = false;
    walk(expression, (node) => {
      if (node.kind === NodeKind.Function) return false;
      if (isCall(node) && this.#isOrReturn(node.expression)) found = true;
      return !found;
    });
    return found;
  }

  /** Goes through an expression in the order in which it is evaluated. */
  #rewrite(expression: Expression, state: Hoisting, conditional: boolean): Expression {
    if (expression.kind === NodeKind.Function) return expression;
    if (isCall(expression) && this.#isOrReturn(expression.expression))
      return this.#lower(expression, state, conditional);
    if (isBinary(expression)) this.#rewriteBinary(expression, state, conditional);
    else if (isTernary(expression)) {
      expression.condition = this.#rewrite(expression.condition, state, conditional);
      expression.ifThen = this.#rewrite(expression.ifThen, state, true);
      expression.ifElse = this.#rewrite(expression.ifElse, state, true);
    } else this.#rewriteChildren(expression, state, conditional);
    if (hasEffect(expression)) state.effects = true;
    return expression;
  }

  #rewriteBinary(expression: BinaryExpression, state: Hoisting, conditional: boolean): void {
    const short = expression.operator === Token.Ampersand_Ampersand || expression.operator === Token.Bar_Bar;
    expression.left = this.#rewrite(expression.left, state, conditional);
    expression.right = this.#rewrite(expression.right, state, conditional || short);
  }

  #rewriteChildren(node: Node, state: Hoisting, conditional: boolean): void {
    for (const [key, value] of Object.entries(node)) {
      if (key === "range") continue;
      const children: unknown[] = Array.isArray(value) ? value : [value];
      children.forEach((child, index) => {
        if (!isExpression(child)) return;
        const rewritten = this.#rewrite(child, state, conditional);
        if (rewritten === child) return;
        if (Array.isArray(value)) value[index] = rewritten;
        else Reflect.set(node, key, rewritten);
      });
    }
  }

  /** `const r = …; if (r.failed) return r.failureOf<T>();`, and then `r.value`. */
  #lower(call: CallExpression, state: Hoisting, conditional: boolean): Expression {
    const { range } = call;
    const [argument] = call.args;
    const problem = this.#problem(call, state, conditional);
    if (problem !== null || argument === undefined || this.#result === null) {
      this.#report.error(call, `orReturn(...) ${problem ?? "takes one Result"}`);
      return call;
    }
    const effects = state.effects;
    const value = this.#rewrite(argument, state, conditional);
    // What the argument does now stands before, in its order.
    state.effects = effects;
    const name = this.#numbers.next("result");
    const declaration = make.createVariableDeclaration(
      identifier(name, range),
      null,
      CommonFlags.Const,
      null,
      value,
      range,
    );
    const test = member(name, "failed", range);
    const failure = make.createCallExpression(member(name, "failureOf", range), [this.#result], [], range);
    state.before.push(make.createVariableStatement(null, [declaration], range));
    state.before.push(make.createIfStatement(test, make.createReturnStatement(failure, range), null, range));
    return member(name, "value", range);
  }

  #problem(call: CallExpression, state: Hoisting, conditional: boolean): string | null {
    if (call.args.length !== 1) return "takes one Result";
    if (this.#result === null) return "needs a function that returns a Result: declare its type as Result<T>";
    if (conditional) return "cannot stand behind `&&`, `||` or `?:`, where it may not run; use an if statement";
    if (state.effects)
      return "would run before what stands to its left; give it a statement of its own before this one";
    return null;
  }
}

interface Hoisting {
  readonly before: Statement[];
  /** Whether something with an effect was evaluated already, which hoisting would overtake. */
  effects: boolean;
}

function hasEffect(expression: Expression): boolean {
  if (expression.kind === NodeKind.Call || expression.kind === NodeKind.New) return true;
  if (isBinary(expression)) return ASSIGNMENTS.has(expression.operator);
  if (expression.kind !== NodeKind.UnaryPostfix && expression.kind !== NodeKind.UnaryPrefix) return false;
  return (
    "operator" in expression && (expression.operator === Token.Plus_Plus || expression.operator === Token.Minus_Minus)
  );
}

const FIRST_EXPRESSION = NodeKind.Identifier;
const LAST_EXPRESSION = NodeKind.UnaryPrefix;

function isExpression(value: unknown): value is Expression {
  if (typeof value !== "object" || value === null || !("kind" in value) || typeof value.kind !== "number") return false;
  return value.kind >= FIRST_EXPRESSION && value.kind <= LAST_EXPRESSION;
}

function identifier(name: string, range: Range): ReturnType<typeof make.createIdentifierExpression> {
  return make.createIdentifierExpression(name, range);
}

function member(object: string, property: string, range: Range): Expression {
  return make.createPropertyAccessExpression(identifier(object, range), identifier(property, range), range);
}
