import type { ClassDeclaration, DecoratorNode, Expression, MethodDeclaration, Source, TypeNode } from "assemblyscript";
import { make, Token } from "./compiler.js";
import { jobFields, operationFields } from "./extension-fields.js";
import { type FieldRules, readFields, snakeCase } from "./fields.js";
import type { JsonType, JsonTypes } from "./json-types.js";
import type { Names } from "./names.js";
import type { Reporter } from "./reporter.js";
import {
  decoratorOf,
  isBinary,
  isIdentifier,
  isMethod,
  isNamedType,
  isStatic,
  isString,
  textOf,
  typeName,
  walk,
} from "./syntax.js";

/** A static method of the extension class that the host can call. */
export interface Handler {
  readonly kind: "job" | "query" | "action";
  readonly method: MethodDeclaration;
  readonly name: string;
  readonly exportName: string;
  /** Of the state, or of the input. */
  readonly inputText: string;
  readonly input: JsonType;
  /** Of the T in Result<T>. */
  readonly outputText: string;
  /** Null for void. */
  readonly output: JsonType | null;
  readonly resumable: boolean;
  readonly version: number;
  readonly scope: "library" | "host";
  readonly description: string | undefined;
}

export const HANDLER_DECORATORS = ["job", "query", "action"] as const;

/** Reads the handlers of an extension class, and reports what is wrong with them. */
export class Handlers {
  readonly #names: Names;
  readonly #types: JsonTypes;
  readonly #report: Reporter;

  constructor(names: Names, types: JsonTypes, report: Reporter) {
    this.#names = names;
    this.#types = types;
    this.#report = report;
  }

  of(extension: ClassDeclaration, source: Source): Handler[] {
    const handlers: Handler[] = [];
    const taken = new Map<string, Handler>();
    for (const member of extension.members) {
      for (const kind of HANDLER_DECORATORS) {
        const decorator = decoratorOf(member, kind);
        if (decorator === undefined) continue;
        const handler = isMethod(member) ? this.#handler(kind, decorator, member, source) : null;
        if (!isMethod(member)) this.#report.error(decorator, `@${kind} stands before a static method`);
        if (handler === null) continue;
        const twin = taken.get(handler.exportName);
        if (twin === undefined) {
          taken.set(handler.exportName, handler);
          handlers.push(handler);
        } else {
          const version = kind === "job" ? "" : ` (version ${handler.version})`;
          this.#report.error(
            decorator,
            `two ${kind === "query" ? "queries" : `${kind}s`} would have the name "${handler.name}"${version} and the export \`${handler.exportName}\`; the other is \`${twin.method.name.text}\``,
          );
        }
      }
    }
    return handlers;
  }

  /** `onInit` or `onCleanup`, where the class has it and it is right. */
  hook(extension: ClassDeclaration, name: "onInit" | "onCleanup", source: Source): MethodDeclaration | null {
    const member = extension.members.find((one) => one.name.text === name);
    if (member === undefined) return null;
    const expected = `static ${name}(ctx: ExtensionContext): Result<void>`;
    if (!isMethod(member) || !isStatic(member)) {
      this.#report.error(member.name, `\`${name}\` must be \`${expected}\``);
      return null;
    }
    const { parameters, returnType } = member.signature;
    const [context] = parameters;
    const right =
      parameters.length === 1 &&
      context !== undefined &&
      this.#isSdkType(context.type, "ExtensionContext", source) &&
      this.#isResult(returnType, source) &&
      textOf(returnType).replace(/\s/g, "").endsWith("<void>");
    if (!right) this.#report.error(member.name, `\`${name}\` must be \`${expected}\``);
    return right ? member : null;
  }

  #handler(kind: Handler["kind"], decorator: DecoratorNode, method: MethodDeclaration, source: Source): Handler | null {
    const before = this.#report.errors;
    const config = this.#config(kind, decorator);
    const context = kind === "job" ? "JobContext" : "ExtensionContext";
    const expected =
      kind === "job"
        ? "static name(ctx: JobContext, state: YourState): Result<void>"
        : "static name(ctx: ExtensionContext, input: YourInput): Result<YourOutput>";
    if (!isStatic(method)) this.#report.error(method.name, `\`${method.name.text}\` must be static: \`${expected}\``);
    const { parameters, returnType } = method.signature;
    const [first, second] = parameters;
    if (first === undefined || second === undefined || parameters.length !== 2) {
      this.#report.error(method.name, `\`${method.name.text}\` takes two parameters: \`${expected}\``);
      return null;
    }
    if (!this.#isSdkType(first.type, context, source))
      this.#report.error(first.type, `the first parameter of a ${kind} is a ${context}: \`${expected}\``);
    if (kind === "job") this.#refuseNewState(method, second.name.text);
    const input = this.#input(second.type, kind, source);
    const result = this.#result(returnType, kind, expected, source);
    if (config === null || input === null || result === null || this.#report.errors > before) return null;
    // Proof: `readFields` gave these the types that the rules name.
    const {
      name = snakeCase(method.name.text),
      resumable = true,
      version = 1,
      scope = "library",
      description,
    } = config as Partial<Handler>;
    const exportName = kind === "job" ? `execute_${identifier(name)}` : `${kind}_${identifier(name)}_v${version}`;
    return {
      kind,
      method,
      name,
      exportName,
      inputText: textOf(second.type),
      input,
      ...result,
      resumable,
      version,
      scope,
      description,
    };
  }

  /** What is checkpointed at an interrupt is the object that the job was handed. */
  #refuseNewState(method: MethodDeclaration, state: string): void {
    if (method.body === null) return;
    walk(method.body, (node) => {
      if (isBinary(node) && node.operator === Token.Equals && isIdentifier(node.left) && node.left.text === state) {
        this.#report.error(
          node,
          `\`${state}\` stays the object that the job was handed, or an interrupt would checkpoint an old one; change its fields`,
        );
      }
      return undefined;
    });
  }

  #config(kind: Handler["kind"], decorator: DecoratorNode): Readonly<Record<string, unknown>> | null {
    const [argument] = decorator.args ?? [];
    const rules: FieldRules = kind === "job" ? jobFields : operationFields;
    if (argument === undefined) return {};
    if (isString(argument)) return readFields(asName(argument), rules, `@${kind}`, this.#report);
    return readFields(argument, rules, `@${kind}`, this.#report);
  }

  #input(type: TypeNode, kind: Handler["kind"], source: Source): JsonType | null {
    const what = kind === "job" ? "the state of a job" : `the input of ${kind === "query" ? "a query" : "an action"}`;
    const input = this.#types.type(type, source, what);
    if (input === null) return null;
    if (input.kind !== "class" || input.nullable) {
      this.#report.error(type, `${what} is a @json class`);
      return null;
    }
    return input;
  }

  #result(
    type: TypeNode,
    kind: Handler["kind"],
    expected: string,
    source: Source,
  ): Pick<Handler, "output" | "outputText"> | null {
    if (!this.#isResult(type, source) || !isNamedType(type)) {
      this.#report.error(type, `a ${kind} returns a Result: \`${expected}\``);
      return null;
    }
    const [value] = type.typeArguments ?? [];
    if (value === undefined) {
      this.#report.error(type, `a ${kind} returns a Result: \`${expected}\``);
      return null;
    }
    if (typeName(value) === "void") return { output: null, outputText: "void" };
    const output = this.#types.type(
      value,
      source,
      kind === "job" ? "the result of a job" : "the output of an operation",
    );
    if (output === null) return null;
    const error =
      output.kind === "class" && kind !== "job"
        ? output.class.fields.find((field) => field.key === "error")
        : undefined;
    if (error !== undefined) {
      this.#report.error(
        error.declaration.name,
        "the output of an operation cannot have a field `error`: that is how a failure looks. Name it otherwise",
      );
      return null;
    }
    return { output, outputText: textOf(value) };
  }

  #isResult(type: TypeNode, source: Source): boolean {
    return this.#isSdkType(type, "Result", source);
  }

  #isSdkType(type: TypeNode, name: string, source: Source): boolean {
    const used = typeName(type);
    return used !== null && !type.isNullable && this.#names.isSdk(used, name, source);
  }
}

function identifier(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}

/** `@job("counter")` is short for `@job({ name: "counter" })`. */
function asName(name: Expression): Expression {
  return make.createObjectLiteralExpression([make.createIdentifierExpression("name", name.range)], [name], name.range);
}
