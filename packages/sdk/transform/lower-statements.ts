import type {
  BlockStatement,
  DoStatement,
  ExpressionStatement,
  ForOfStatement,
  ForStatement,
  IfStatement,
  Node,
  ReturnStatement,
  Statement,
  SwitchStatement,
  ThrowStatement,
  TryStatement,
  VariableStatement,
  WhileStatement,
} from "assemblyscript";
import { CommonFlags, make, NodeKind, Token } from "./compiler.js";
import type { Hoister } from "./hoist.js";
import type { Numbers } from "./lower.js";

const IN_CONDITION = "in the condition of a loop, which runs again and again; test it inside the loop";

/** Lowers a list of statements, and all that is inside them. */
export function lowerStatements(statements: readonly Statement[], hoister: Hoister, numbers: Numbers): Statement[] {
  return statements.flatMap((statement) => lower(statement, hoister, numbers));
}

function lower(statement: Statement, hoister: Hoister, numbers: Numbers): Statement[] {
  const before: Statement[] = [];
  const inner = (body: Statement): Statement => single(lower(body, hoister, numbers), body);
  // Proof, for each `as` here: `kind` says which class of node this is.
  switch (statement.kind as number) {
    case NodeKind.Block: {
      const block = statement as BlockStatement;
      block.statements = lowerStatements(block.statements, hoister, numbers);
      return [block];
    }
    case NodeKind.Expression: {
      const expression = hoister.hoistStatement((statement as ExpressionStatement).expression, before);
      if (expression === null) return before;
      (statement as ExpressionStatement).expression = expression;
      break;
    }
    case NodeKind.Return: {
      const end = statement as ReturnStatement;
      if (end.value !== null) end.value = hoister.hoist(end.value, before);
      break;
    }
    case NodeKind.Throw: {
      const end = statement as ThrowStatement;
      end.value = hoister.hoist(end.value, before);
      break;
    }
    case NodeKind.Variable:
      return lowerVariables(statement as VariableStatement, hoister);
    case NodeKind.If: {
      const choice = statement as IfStatement;
      choice.condition = hoister.hoist(choice.condition, before);
      choice.ifTrue = inner(choice.ifTrue);
      if (choice.ifFalse !== null) choice.ifFalse = inner(choice.ifFalse);
      break;
    }
    case NodeKind.Switch: {
      const choice = statement as SwitchStatement;
      choice.condition = hoister.hoist(choice.condition, before);
      for (const one of choice.cases) {
        hoister.refuseIn(one.label, "in the label of a case");
        one.statements = lowerStatements(one.statements, hoister, numbers);
      }
      break;
    }
    case NodeKind.While:
    case NodeKind.Do: {
      const loop = statement as WhileStatement | DoStatement;
      hoister.refuseIn(loop.condition, IN_CONDITION);
      loop.body = inner(loop.body);
      break;
    }
    case NodeKind.For: {
      const loop = statement as ForStatement;
      hoister.refuseIn(loop.initializer, "at the head of a loop; put it before the loop");
      hoister.refuseIn(loop.condition, IN_CONDITION);
      hoister.refuseIn(loop.incrementor, IN_CONDITION);
      loop.body = inner(loop.body);
      break;
    }
    case NodeKind.ForOf:
      return [lowerForOf(statement as ForOfStatement, hoister, numbers)];
    case NodeKind.Try: {
      const attempt = statement as TryStatement;
      attempt.bodyStatements = lowerStatements(attempt.bodyStatements, hoister, numbers);
      break;
    }
  }
  return [...before, statement];
}

function single(statements: readonly Statement[], place: Node): Statement {
  const [only] = statements;
  return statements.length === 1 && only !== undefined ? only : make.createBlockStatement([...statements], place.range);
}

/** Each variable becomes a statement of its own, so that what is hoisted stays in its order. */
function lowerVariables(statement: VariableStatement, hoister: Hoister): Statement[] {
  const lowered: Statement[] = [];
  let hoisted = false;
  for (const declaration of statement.declarations) {
    const before: Statement[] = [];
    if (declaration.initializer !== null) declaration.initializer = hoister.hoist(declaration.initializer, before);
    hoisted ||= before.length > 0;
    lowered.push(...before, make.createVariableStatement(statement.decorators, [declaration], statement.range));
  }
  return hoisted ? lowered : [statement];
}

/** `const items = …; for (let i = 0; i < items.length; i++) { const x = items[i]; … }` */
function lowerForOf(loop: ForOfStatement, hoister: Hoister, numbers: Numbers): Statement {
  const { range } = loop.iterable;
  const before: Statement[] = [];
  const items = numbers.next("items");
  const index = numbers.next("index");
  const name = (text: string) => make.createIdentifierExpression(text, range);
  const itemsDeclaration = make.createVariableDeclaration(
    name(items),
    null,
    CommonFlags.Const,
    null,
    hoister.hoist(loop.iterable, before),
    range,
  );
  const zero = make.createIntegerLiteralExpression(zero64(), range);
  const indexDeclaration = make.createVariableDeclaration(name(index), null, CommonFlags.Let, null, zero, range);
  const length = make.createPropertyAccessExpression(name(items), name("length"), range);
  const head = make.createBinaryExpression(Token.LessThan, name(index), length, range);
  const step = make.createUnaryPrefixExpression(Token.Plus_Plus, name(index), range);
  const item = make.createElementAccessExpression(name(items), name(index), range);
  const body = make.createBlockStatement(
    [bind(loop.variable, item), ...lower(loop.body, hoister, numbers)],
    loop.body.range,
  );
  return make.createBlockStatement(
    [
      ...before,
      make.createVariableStatement(null, [itemsDeclaration], range),
      make.createForStatement(
        make.createVariableStatement(null, [indexDeclaration], range),
        head,
        step,
        body,
        loop.range,
      ),
    ],
    loop.range,
  );
}

function bind(variable: Statement, item: ReturnType<typeof make.createElementAccessExpression>): Statement {
  // Proof: the parser makes one of these two, and nothing else.
  if ((variable.kind as number) === NodeKind.Variable) {
    const [declaration] = (variable as VariableStatement).declarations;
    if (declaration !== undefined) declaration.initializer = item;
    return variable;
  }
  const { expression } = variable as ExpressionStatement;
  return make.createExpressionStatement(make.createBinaryExpression(Token.Equals, expression, item, expression.range));
}

/** The compiler keeps 64-bit integers as objects of its own. */
function zero64(): Parameters<typeof make.createIntegerLiteralExpression>[0] {
  // Proof: the compiler sets this global, and itself makes zeros with it.
  return Reflect.get(globalThis, "i64_zero") as Parameters<typeof make.createIntegerLiteralExpression>[0];
}
