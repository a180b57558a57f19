import { z } from "zod";
import type { Caller, JobIdentity } from "./caller.js";
import { SpacedriveError } from "./errors.js";
import type { LibraryId } from "./ids.js";
import type { Logger } from "./logger.js";
import { formatMethod, isExtensionId, isOperationName, type OperationKind } from "./method.js";
import type { Recorder } from "./recorder.js";
import type { Transaction } from "./transaction.js";

/** `library`: a call names a library. `host`: a call names none. */
export type OperationScope = "library" | "host";

/** What a handler knows of its call. */
export interface OperationContext {
  readonly caller: Caller;
  /** Null where the operation's scope is `host`. */
  readonly library: LibraryId | null;
  /** Aborted at the operation's time limit, when the caller gives up and when its job is cancelled. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The job on whose behalf the call is made, or null. */
  readonly job: JobIdentity | null;
  /**
   * Where the job's journal records the calls that this handler makes to answer: pass it on with each of them. Null outside
   * of jobs, and for queries.
   */
  readonly recorder: Recorder | null;
  /** The same for every repetition of one call of one job; random outside jobs. For effects that happen at least once. */
  readonly idempotencyKey: string;
}

/** Context of an operation with `scope: "library"`. */
export interface LibraryOperationContext extends OperationContext {
  readonly library: LibraryId;
}

type ContextOf<Scope extends OperationScope> = Scope extends "library" ? LibraryOperationContext : OperationContext;

/** The data of an operation: all but what it does. */
export interface OperationDefinition<
  Kind extends OperationKind = OperationKind,
  Scope extends OperationScope = OperationScope,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  readonly kind: Kind;
  /** Dotted, lower-case, without version: `vdfs.write_sidecar`. */
  readonly name: string;
  readonly version: number;
  readonly scope: Scope;
  /** Field names are snake_case. */
  readonly input: Input;
  /** May not have a top-level field `error`. */
  readonly output: Output;
  /** Set for an extension's own operation. */
  readonly extension: string | null;
  /** Milliseconds; default 30,000. */
  readonly timeoutMs: number;
  /** Its input or output holds what no disk may have in plain: a job's journal keeps it encrypted, or not at all. */
  readonly secret: boolean;
  /** One line for people. */
  readonly description: string;
}

/** Does its work in `run`. A query has no effect; an action with `run` has effects outside the database, at least once. */
export interface RunHandler<Context, In, Out> {
  readonly run: (ctx: Context, input: In) => Out | Promise<Out>;
}

/** An action whose effect is one database transaction: `prepare` has no effect, `commit` is synchronous. */
export interface CommitHandler<Context, In, Prepared, Out> {
  readonly prepare: (ctx: Context, input: In) => Prepared | Promise<Prepared>;
  readonly commit: (tx: Transaction, prepared: Prepared) => Out;
  /**
   * Tells others, once the commit is durable and before the caller is answered. It may be lost with the process, so it may do
   * nothing that the next start does not do as well. What it throws is logged, and it is waited for as long as `timeoutMs`.
   */
  readonly committed?: (prepared: Prepared) => void | Promise<void>;
}

type ErasedHandler =
  | RunHandler<OperationContext, unknown, unknown>
  | CommitHandler<OperationContext, unknown, unknown, unknown>;

/** A definition and its handler, ready for `createWire` or `wire.register`. */
export type Operation<
  Kind extends OperationKind = OperationKind,
  Scope extends OperationScope = OperationScope,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> = OperationDefinition<Kind, Scope, Input, Output> & { readonly handler: ErasedHandler };

interface DefinitionOptions<Scope, Input, Output> {
  readonly name: string;
  /** Default 1. */
  readonly version?: number;
  readonly scope: Scope;
  readonly input: Input;
  readonly output: Output;
  readonly extension?: string;
  readonly timeoutMs?: number;
  /** Default false. */
  readonly secret?: boolean;
  readonly description?: string;
}

/**
 * Of a definition alone. Overloads that take a handler stand behind the one that takes none: of a mistake the compiler tells what
 * the last of them says.
 */
interface NoHandler {
  readonly run?: never;
  readonly prepare?: never;
  readonly commit?: never;
}

/** Milliseconds an operation may take where it declares nothing. */
export const DEFAULT_OPERATION_TIMEOUT_MS = 30_000;

/**
 * Defines a query: an operation without effect. With `run` it is an operation; without, a definition for
 * {@link implement}.
 *
 * @throws SpacedriveError `INVALID_INPUT` where name, version or schemas break a rule of Wire.
 */
export function defineQuery<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
  options: DefinitionOptions<Scope, Input, Output> & NoHandler,
): OperationDefinition<"query", Scope, Input, Output>;
export function defineQuery<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
  options: DefinitionOptions<Scope, Input, Output> & RunHandler<ContextOf<Scope>, z.output<Input>, z.input<Output>>,
): Operation<"query", Scope, Input, Output>;
export function defineQuery(
  options: DefinitionOptions<OperationScope, z.ZodType, z.ZodType> & Partial<RunHandler<never, never, unknown>>,
): Operation | OperationDefinition {
  return define("query", options);
}

/**
 * Defines an action: an operation with an effect. With `prepare` and `commit` the effect is one transaction; with `run`
 * it lies outside the database and happens at least once; with neither it is a definition for {@link implement}.
 *
 * @throws SpacedriveError `INVALID_INPUT` where name, version or schemas break a rule of Wire.
 */
export function defineAction<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
  options: DefinitionOptions<Scope, Input, Output> & NoHandler,
): OperationDefinition<"action", Scope, Input, Output>;
export function defineAction<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType, Prepared>(
  options: DefinitionOptions<Scope, Input, Output> &
    CommitHandler<ContextOf<Scope>, z.output<Input>, Prepared, z.input<Output>>,
): Operation<"action", Scope, Input, Output>;
export function defineAction<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
  options: DefinitionOptions<Scope, Input, Output> & RunHandler<ContextOf<Scope>, z.output<Input>, z.input<Output>>,
): Operation<"action", Scope, Input, Output>;
export function defineAction(
  options: DefinitionOptions<OperationScope, z.ZodType, z.ZodType> &
    Partial<RunHandler<never, never, unknown> & CommitHandler<never, never, never, unknown>>,
): Operation | OperationDefinition {
  return define("action", options);
}

/** Joins a definition with what it does. */
export function implement<
  Kind extends OperationKind,
  Scope extends OperationScope,
  Input extends z.ZodType,
  Output extends z.ZodType,
  Prepared = never,
>(
  definition: OperationDefinition<Kind, Scope, Input, Output>,
  handler:
    | RunHandler<ContextOf<Scope>, z.output<Input>, z.input<Output>>
    | (Kind extends "action" ? CommitHandler<ContextOf<Scope>, z.output<Input>, Prepared, z.input<Output>> : never),
): Operation<Kind, Scope, Input, Output> {
  // Proof: the dispatcher hands a handler only what this definition's schemas and scope made of the call.
  return { ...definition, handler: handler as unknown as ErasedHandler };
}

function define(
  kind: OperationKind,
  options: DefinitionOptions<OperationScope, z.ZodType, z.ZodType> &
    Partial<RunHandler<never, never, unknown> & CommitHandler<never, never, never, unknown>>,
): Operation | OperationDefinition {
  const definition: OperationDefinition = {
    kind,
    name: options.name,
    version: options.version ?? 1,
    scope: options.scope,
    input: options.input,
    output: options.output,
    extension: options.extension ?? null,
    timeoutMs: options.timeoutMs ?? DEFAULT_OPERATION_TIMEOUT_MS,
    secret: options.secret ?? false,
    description: options.description ?? "",
  };
  checkDefinition(definition);
  const { prepare, commit, committed } = options;
  if (prepare !== undefined && commit !== undefined) {
    const handler = { prepare, commit, ...(committed === undefined ? {} : { committed }) };
    // Proof: as in implement.
    return { ...definition, handler: handler as unknown as ErasedHandler };
  }
  if (options.run !== undefined) {
    // Proof: as in implement.
    return { ...definition, handler: { run: options.run } as unknown as ErasedHandler };
  }
  return definition;
}

/**
 * Whether an operation is whole: whoever wrote it by hand, or in JavaScript, may have left out what gates judge by.
 *
 * @throws SpacedriveError `INVALID_INPUT` naming the operation and the rule.
 */
export function checkOperation(operation: Operation): void {
  checkNames(operation);
  const refuse = refusalOf(operation);
  for (const schema of [operation.input, operation.output]) {
    if (typeof schema?.safeParse !== "function") refuse("its input and output must be zod schemas.");
  }
  // Proof: every field is looked at as one that may be missing.
  const handler = (operation.handler ?? {}) as { readonly run?: unknown; readonly prepare?: unknown; commit?: unknown };
  const commits = typeof handler.prepare === "function" && typeof handler.commit === "function";
  if (typeof handler.run !== "function" && !commits) refuse("it has no handler: pass run, or prepare and commit.");
  if (commits && operation.kind === "query") refuse("a query has no effect, so it has nothing to commit.");
}

/** @throws SpacedriveError `INVALID_INPUT` naming the operation and the rule. */
function checkDefinition(definition: OperationDefinition): void {
  checkNames(definition);
  if (declaresErrorField(definition.output)) {
    refusalOf(definition)(
      `its output has a top-level field "error", which only the error envelope may have (${formatMethod(definition)}).`,
    );
  }
}

function refusalOf({ name }: OperationDefinition): (reason: string) => never {
  return (reason) => {
    throw new SpacedriveError("INVALID_INPUT", `Operation "${name}" is not allowed: ${reason}`);
  };
}

/** What a grant is matched against, and what a caller has to bring: none of it may be missing or of another shape. */
function checkNames(definition: OperationDefinition): void {
  const { kind, scope, name, version, extension, timeoutMs } = definition;
  const refuse = refusalOf(definition);
  if (kind !== "query" && kind !== "action") refuse('its kind must be "query" or "action".');
  if (scope !== "library" && scope !== "host") refuse('its scope must be "library" or "host".');
  if (typeof name !== "string" || !isOperationName(name)) {
    refuse("its name must be dotted segments of lower-case letters, digits and _, such as vdfs.write_sidecar.");
  }
  if (!Number.isInteger(version) || version < 1 || version > 999_999) {
    refuse("its version must be a whole number from 1.");
  }
  if (extension !== null && (typeof extension !== "string" || !isExtensionId(extension))) {
    refuse(`"${String(extension)}" is not an extension id.`);
  }
  if (!(timeoutMs > 0)) refuse("its timeoutMs must be above 0.");
}

interface SchemaShape {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly anyOf?: readonly SchemaShape[];
  readonly oneOf?: readonly SchemaShape[];
  readonly allOf?: readonly SchemaShape[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaShape>>;
}

function declaresErrorField(schema: z.ZodType): boolean {
  // Proof: z.toJSONSchema answers a JSON Schema object; every field is looked at as optional.
  const root = z.toJSONSchema(schema, { io: "output", unrepresentable: "any", cycles: "ref" }) as SchemaShape;
  const visited = new Set<SchemaShape>();
  const visit = (node: SchemaShape | undefined): boolean => {
    if (node === undefined || visited.has(node)) return false;
    visited.add(node);
    if (node.properties !== undefined && Object.hasOwn(node.properties, "error")) return true;
    if (node.$ref !== undefined) {
      const name = node.$ref.startsWith("#/$defs/") ? node.$ref.slice("#/$defs/".length) : null;
      if (visit(name === null ? root : root.$defs?.[name])) return true;
    }
    return [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])].some(visit);
  };
  return visit(root);
}
