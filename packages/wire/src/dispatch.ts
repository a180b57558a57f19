import { CallContext } from "./call-context.js";
import { type Caller, describeCaller } from "./caller.js";
import type { Clock } from "./clock.js";
import { answerConfirmed, isPromiseLike } from "./confirmed.js";
import { isEnvelope } from "./envelope.js";
import { isSpacedriveError, SpacedriveError, toSpacedriveError } from "./errors.js";
import type { Gate, MissedCall } from "./gate.js";
import type { LibraryId } from "./ids.js";
import { describeIssues } from "./issues.js";
import type { LibraryDirectory } from "./libraries.js";
import { type FailureLog, logFailure } from "./log-failure.js";
import type { Logger } from "./logger.js";
import { formatAsked, formatMethod, parseMethod } from "./method.js";
import type { Operation, OperationDefinition } from "./operation.js";
import type { BegunCall, CallOutcome, OpenRecord, Recorder } from "./recorder.js";
import { settleWithin } from "./time-limit.js";
import { toldError } from "./told-error.js";

/** Characters of what a caller asked for in an audit log: any method there is fits. */
const MAX_SHOWN_METHOD = 256;

/** Who calls, on which library, and what may end the call early. */
export interface CallOptions {
  readonly caller: Caller;
  /** Needed where the operation's scope is `library`; ignored where it is `host`. */
  readonly library?: LibraryId | null;
  /** Gives the call up: it answers `CANCELLED`, and the handler's own signal is aborted. */
  readonly signal?: AbortSignal;
  /** The journal of the job on whose behalf this call is made. Default: null, none. */
  readonly recorder?: Recorder | null;
}

/** What a call hands over. Only what has passed its gate is parsed: JSON text is made a value by the first question for it. */
export type Payload = () => unknown;

/** What the dispatcher needs around it. */
export interface DispatchEnvironment {
  readonly libraries: LibraryDirectory;
  readonly logger: Logger;
  readonly failures: FailureLog;
  readonly clock: Clock;
  /** @throws SpacedriveError `NOT_FOUND`, or `INVALID_INPUT` for what is no method string. */
  find(asked: string | OperationDefinition, caller: Caller): Operation;
  /** The gate of a caller; what has no gate of its own gets one that refuses. */
  gateOf(caller: Caller): Gate;
}

/**
 * The one way to an operation, whoever calls: replay → find → authorize → limit → validate input → run → validate output →
 * record. Each step is a line below, and none can be skipped. A call that is not found costs its caller what a refused one
 * does; and no payload is parsed before its call has passed the gate, except for a journal, which knows calls by their
 * payloads. What reaches outside of the databases is announced to its job's journal before it runs. A recorded call is answered before its operation is looked
 * for: that an extension has been unloaded since does not undo what it did, and one that was missing then is missing still.
 */
export async function dispatch(
  environment: DispatchEnvironment,
  asked: string | OperationDefinition,
  payload: Payload,
  options: CallOptions,
): Promise<unknown> {
  const begun = begin(asked, payload, options);
  if (begun?.kind === "recorded") return answerOf(begun.outcome);
  const record = begun?.record ?? null;
  let outcome: CallOutcome;
  try {
    const answer = make(environment, asked, payload, options, record);
    outcome = { ok: true, output: isPromiseLike(answer) ? await answer : answer };
  } catch (thrown) {
    const method = typeof asked === "string" ? asked : formatMethod(asked);
    outcome = { ok: false, error: operationError(thrown, method, environment.failures, options.caller) };
  }
  if (record !== null) await record.settle(outcome);
  return answerOf(outcome);
}

function begin(asked: string | OperationDefinition, payload: Payload, options: CallOptions): BegunCall | null {
  const { caller, library = null, recorder = null } = options;
  if (recorder === null) return null;
  const method = typeof asked === "string" ? parseMethod(asked) : asked;
  return recorder.begin({ kind: method.kind, method: formatAsked(method), library, payload: payload(), caller });
}

function answerOf(outcome: CallOutcome): unknown {
  if (outcome.ok) return outcome.output;
  throw outcome.error;
}

/** The line from find to the validated output: a value, or the promise of one. */
function make(
  environment: DispatchEnvironment,
  asked: string | OperationDefinition,
  payload: Payload,
  options: CallOptions,
  record: OpenRecord | null,
): unknown {
  const { caller } = options;
  const gate = environment.gateOf(caller);
  const operation = find(environment, gate, asked, options);
  const method = formatMethod(operation);
  const library = operation.scope === "library" ? (options.library ?? null) : null;
  const request = { caller, operation, method, library };
  decided(gate.authorize(request), request);
  decided(gate.limit(request), request);
  checkLibrary(environment.libraries, method, operation, library);
  checkNotAborted(options.signal, method);
  record?.admit(operation);
  const input = validateInput(operation, method, payload());
  const begin = (): unknown => run(environment, operation, method, input, library, options, record);
  return answerConfirmed(environment.libraries, { operation, library, caller }, () =>
    record === null || !reachesOutside(operation) ? begin() : beginAnnounced(record, begin, options, method),
  );
}

/** A miss is told to the gate, whose refusal counts for more: a flood of misses is a flood. */
function find(
  environment: DispatchEnvironment,
  gate: Gate,
  asked: string | OperationDefinition,
  { caller, library = null }: CallOptions,
): Operation {
  try {
    return environment.find(asked, caller);
  } catch (error) {
    const method = typeof asked === "string" ? asked.slice(0, MAX_SHOWN_METHOD) : formatMethod(asked);
    const miss = { caller, method, library };
    decided(gate.missed?.(miss), miss);
    throw error;
  }
}

/** A gate refuses by throwing, at once. One that only promises to has let nobody in: what it comes to say would come too late. */
function decided(answer: unknown, { caller, method }: MissedCall): void {
  if (!isPromiseLike(answer)) return;
  ignore(answer);
  throw new SpacedriveError(
    "PERMISSION_DENIED",
    `${describeCaller(caller)} may not call "${method}": its gate answered a promise, and must decide at once.`,
  );
}

/** An extension's own action has no effect but by the calls that it makes. */
function reachesOutside({ kind, handler, extension }: Operation): boolean {
  return kind === "action" && "run" in handler && extension === null;
}

async function beginAnnounced(
  record: OpenRecord,
  begin: () => unknown,
  options: CallOptions,
  method: string,
): Promise<unknown> {
  await record.announce();
  checkNotAborted(options.signal, method);
  return begin();
}

function checkLibrary(
  libraries: LibraryDirectory,
  method: string,
  operation: Operation,
  library: LibraryId | null,
): void {
  if (operation.scope === "host") return;
  if (library === null) {
    throw new SpacedriveError("LIBRARY_REQUIRED", `"${method}" works on a library, and the call named none.`);
  }
  if (!libraries.has(library)) {
    throw new SpacedriveError("LIBRARY_NOT_FOUND", `"${method}": no open library has the id ${library}.`);
  }
}

function checkNotAborted(signal: AbortSignal | undefined, method: string): void {
  if (signal?.aborted === true) throw cancelled(method);
}

function cancelled(method: string): SpacedriveError {
  return new SpacedriveError("CANCELLED", `"${method}" was given up by its caller.`);
}

function validateInput(operation: Operation, method: string, payload: unknown): unknown {
  const parsed = operation.input.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new SpacedriveError("INVALID_INPUT", `"${method}" does not take this input: ${describeIssues(parsed.error)}`, {
    details: {
      issues: parsed.error.issues.slice(0, 10).map((issue) => ({ path: issue.path, message: issue.message })),
    },
  });
}

function validateOutput(operation: Operation, method: string, output: unknown): unknown {
  const parsed = operation.output.safeParse(output);
  if (!parsed.success) {
    throw new SpacedriveError(
      "OPERATION_FAILED",
      `"${method}" answered what its own output schema refuses: ${describeIssues(parsed.error)}`,
      { cause: parsed.error },
    );
  }
  if (isEnvelope(parsed.data)) {
    throw new SpacedriveError(
      "OPERATION_FAILED",
      `"${method}" answered with a top-level field "error", which is reserved.`,
    );
  }
  return parsed.data;
}

function run(
  environment: DispatchEnvironment,
  operation: Operation,
  method: string,
  input: unknown,
  library: LibraryId | null,
  options: CallOptions,
  record: OpenRecord | null,
): unknown {
  const context = new CallContext({
    caller: options.caller,
    library,
    logger: environment.logger,
    callerSignal: options.signal ?? null,
    record,
  });
  const { handler } = operation;
  let answer: unknown = null;
  if ("run" in handler) {
    let isThere = true;
    try {
      answer = handler.run(context, input);
      isThere = !isPromiseLike(answer);
    } finally {
      if (isThere) context.end();
    }
    // What is there at once can neither take too long nor be given up any more: it needs no timer, which costs as much as
    // the rest of the line.
    if (isThere) return validateOutput(operation, method, answer);
  }

  const work = async (seal: () => void): Promise<unknown> => {
    if ("run" in handler) return validateOutput(operation, method, await answer);

    const { libraries } = environment;
    if (libraries.transaction === undefined) {
      throw new SpacedriveError("OPERATION_FAILED", `"${method}" commits to a database, and this host has none.`);
    }
    const prepared = await handler.prepare(context, input);
    const output = await libraries.transaction(library, (tx) => {
      // A call that was given up while it prepared must not leave an effect behind.
      if (context.aborted) throw cancelled(method);
      const committed = validateOutput(operation, method, atOnce(method, handler.commit(tx, prepared)));
      record?.commit(tx, committed);
      // The effect is on its way to the disk: to answer TIMEOUT or CANCELLED from here on would be a lie.
      seal();
      return committed;
    });
    if (handler.committed !== undefined) {
      await tellOthers(async () => handler.committed?.(prepared), method, operation.timeoutMs, environment);
    }
    return output;
  };
  return settleWithin({
    work,
    timeoutMs: operation.timeoutMs,
    clock: environment.clock,
    signal: options.signal ?? null,
    onGivenUp: (reason) => context.abort(reason),
    onSettled: () => context.end(),
    timeoutError: () =>
      new SpacedriveError(
        "TIMEOUT",
        `"${method}" took longer than its limit of ${operation.timeoutMs} ms and was given up.`,
      ),
    cancelError: () => cancelled(method),
    onLateFailure: (cause) =>
      logFailure(environment.logger, "warn", { method }, cause, "an operation failed after it was given up"),
  });
}

/** What a commit answered: a transaction ends when it returns, so what it only promises would come too late for it. */
function atOnce(method: string, output: unknown): unknown {
  if (!isPromiseLike(output)) return output;
  ignore(output);
  throw new SpacedriveError(
    "OPERATION_FAILED",
    `"${method}" answered a promise from its commit, which must be synchronous: await in prepare. Nothing was committed.`,
  );
}

/** Its rejection would be nobody's, and end the process. */
function ignore(promise: PromiseLike<unknown>): void {
  void Promise.resolve(promise).catch(() => {});
}

/** The effect stands, whatever becomes of the news, and its caller does not wait for them for ever. */
async function tellOthers(
  tell: () => Promise<void>,
  method: string,
  timeoutMs: number,
  { clock, logger }: DispatchEnvironment,
): Promise<void> {
  const tooLate = Promise.withResolvers<never>();
  const cancelTimer = clock.after(timeoutMs, () => tooLate.reject(new Error(`It took more than ${timeoutMs} ms.`)));
  try {
    await Promise.race([tell(), tooLate.promise]);
  } catch (error) {
    logFailure(logger, "error", { method }, error, "an operation committed, and then failed to say so");
  } finally {
    cancelTimer();
  }
}

/**
 * What leaves the dispatcher is always one of ours, in words that are meant for the caller; a stranger's fault, and what is
 * the host's own, is logged whole. A job's journal keeps what was told.
 */
function operationError(thrown: unknown, method: string, failures: FailureLog, caller: Caller): SpacedriveError {
  const log = (): void => failures.failed(method, caller, thrown, "an operation failed");
  if (!isSpacedriveError(thrown)) {
    log();
    return toSpacedriveError(thrown, "OPERATION_FAILED", `"${method}" failed. The host's log has the cause.`);
  }
  const told = toldError(thrown, caller);
  if (told !== thrown || (thrown.code === "OPERATION_FAILED" && thrown.cause !== undefined)) log();
  return told;
}
