import type { DeclarationStatement, Parser, Statement } from "assemblyscript";
import { NodeKind, type Range, Source, Token, Tokenizer } from "./compiler.js";
import { SDK } from "./names.js";
import { isClass, walk } from "./syntax.js";

/** How generated code names what it needs of the SDK. */
export const GENERATED = "__spacedrive";

/**
 * Parses generated text into statements and gives every node the range of the author's code that it stands for:
 * diagnostics, traps and source maps then point there.
 */
export function statementsFrom(text: string, range: Range, parser: Parser): Statement[] {
  const source = new Source(range.source.sourceKind, range.source.normalizedPath, text);
  const tokenizer = new Tokenizer(source, parser.diagnostics);
  const outer = parser.currentSource;
  parser.currentSource = range.source;
  const statements: Statement[] = [];
  while (!tokenizer.skip(Token.EndOfFile)) {
    const statement = parser.parseTopLevelStatement(tokenizer, null);
    if (statement === null) throw new Error(`The transform wrote what does not parse:\n${text}`);
    statements.push(statement);
  }
  parser.currentSource = outer;
  for (const statement of statements) {
    walk(statement, (node) => {
      node.range = range;
      return undefined;
    });
  }
  return statements;
}

/** Members for a class, from their text. */
export function membersFrom(text: string, range: Range, parser: Parser): DeclarationStatement[] {
  const [statement] = statementsFrom(`class Generated {\n${text}\n}`, range, parser);
  if (statement === undefined || !isClass(statement))
    throw new Error(`The transform wrote members that do not parse:\n${text}`);
  return statement.members;
}

/** Makes `__spacedrive.…` known in a source. Once is enough: later calls change nothing. */
export function importGenerated(source: Source, parser: Parser): void {
  const known = source.statements.some(
    (statement) =>
      statement.kind === NodeKind.Import && "namespaceName" in statement && isGeneratedName(statement.namespaceName),
  );
  if (known) return;
  const import_ = statementsFrom(`import * as ${GENERATED} from "${SDK}/assembly/generated";`, source.range, parser);
  source.statements.unshift(...import_);
}

function isGeneratedName(name: unknown): boolean {
  return typeof name === "object" && name !== null && "text" in name && name.text === GENERATED;
}
