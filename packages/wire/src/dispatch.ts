import { randomUUID } from "node:crypto";
import { CallContext } from "./call-context.js";
import { type Caller, describeCaller, jobOf } from "./caller.js";
import type { Clock } from "./clock.js";
import { isEnvelope } from "./envelope.js";
import { isErrorCode, isSpacedriveError, SpacedriveError, toSpacedriveError } from "./errors.js";
import type { Gate } from "./gate.js";
import type { LibraryId } from "./ids.js";
import { describeIssues } from "./issues.js";
import type { LibraryDirectory } from "./libraries.js";
import type { Logger } from "./logger.js";
import { formatMethod } from "./method.js";
import type { Operation } from "./operation.js";
import type { RecordableCall, RecordedOutcome, Recorder } from "./recorder.js";
import { settleWithin } from "./time-limit.js";
import type { Transaction } from "./transaction.js";

/** Who calls, on which library, and what may end the call early. */
export interface CallOptions {
  readonly caller: Caller;
  /** Needed where the operation's scope is `library`; ignored where it is `host`. */
  readonly library?: LibraryId | null;
  /** Gives the call up: it answers `CANCELLED`, and the handler's own signal is aborted. */
  readonly signal?: AbortSignal;
  /** The journal of the job on whose behalf this call is made. */
  readonly recorder?: Recorder;
}

/** What the dispatcher needs around it. */
export interface DispatchEnvironment {
  readonly libraries: LibraryDirectory;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The gate of a caller; what has no gate of its own gets one that refuses. */
  gateOf(caller: Caller): Gate;
}

/**
 * The one way to an operation, whoever calls: find (done by Wire) → replay → authorize → limit → validate input → run →
 * validate output → record. Each step is a line below, and none can be skipped.
 */
export async function dispatch(
  environment: DispatchEnvironment,
  operation: Operation,
  payload: unknown,
  options: CallOptions,
): Promise<unknown> {
  const method = formatMethod(operation);
  const library = operation.scope === "library" ? (options.library ?? null) : null;
  const call: RecordableCall = { method, library, payload, caller: options.caller };

  const replayed = options.recorder?.replay(call) ?? null;
  if (replayed !== null) return answerOf(replayed, method);

  const record = recordOnce(options.recorder, call);
  try {
    const gate = environment.gateOf(options.caller);
    gate.authorize({ caller: options.caller, operation, method, library });
    gate.limit({ caller: options.caller, operation, method, library });
    checkLibrary(environment.libraries, method, operation, library);
    checkNotAborted(options.signal, method);
    const input = validateInput(operation, method, payload);
    const answer = run(environment, operation, method, input, library, options, call, record);
    const output = isPromiseLike(answer) ? await answer : answer;
    record({ ok: true, output }, null);
    return output;
  } catch (thrown) {
    const error = operationError(thrown, method, environment.logger, options.caller);
    record({ ok: false, code: error.code, message: error.message }, null);
    throw error;
  }
}

type Record = (outcome: RecordedOutcome, tx: Transaction | null) => void;

/**
 * An action's record is written inside its transaction, each time that this is run; the end of the line must not write it
 * again.
 */
function recordOnce(recorder: Recorder | undefined, call: RecordableCall): Record {
  let recorded = false;
  return (outcome, tx) => {
    if (recorded && tx === null) return;
    recorder?.record(call, outcome, tx);
    recorded = true;
  };
}

function answerOf(outcome: RecordedOutcome, method: string): unknown {
  if (outcome.ok) return outcome.output;
  const code = isErrorCode(outcome.code) ? outcome.code : "OPERATION_FAILED";
  throw new SpacedriveError(code, outcome.message, { details: { method } });
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
    throw new SpacedriveError("OPERATION_FAILED", `"${method}" answered what its own output schema refuses.`, {
      cause: parsed.error,
    });
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
  call: RecordableCall,
  record: Record,
): unknown {
  const { recorder } = options;
  const context = new CallContext({
    caller: options.caller,
    library,
    logger: environment.logger,
    callerSignal: options.signal ?? null,
    idempotencyKey: () => recorder?.idempotencyKey(call) ?? randomUUID(),
  });
  const { handler } = operation;
  const answer = "run" in handler ? handler.run(context, input) : null;
  // What is there at once can neither take too long nor be given up any more: it needs no timer, which costs as much as
  // the rest of the line.
  if ("run" in handler && !isPromiseLike(answer)) return validateOutput(operation, method, answer);

  const work = async (): Promise<unknown> => {
    if ("run" in handler) return validateOutput(operation, method, await answer);

    const { libraries } = environment;
    if (libraries.transaction === undefined) {
      throw new SpacedriveError("OPERATION_FAILED", `"${method}" commits to a database, and this host has none.`);
    }
    const prepared = await handler.prepare(context, input);
    return libraries.transaction(library, (tx) => {
      // A call that was given up while it prepared must not leave an effect behind.
      if (context.aborted) throw cancelled(method);
      const output = validateOutput(operation, method, handler.commit(tx, prepared));
      record({ ok: true, output }, tx);
      return output;
    });
  };
  return settleWithin({
    work,
    timeoutMs: operation.timeoutMs,
    clock: environment.clock,
    signal: options.signal ?? null,
    onGivenUp: (reason) => context.abort(reason),
    timeoutError: () =>
      new SpacedriveError(
        "TIMEOUT",
        `"${method}" took longer than its limit of ${operation.timeoutMs} ms and was given up.`,
      ),
    cancelError: () => cancelled(method),
    onLateFailure: (cause) =>
      environment.logger.warn({ method, err: cause }, "an operation failed after it was given up"),
  });
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** What leaves the dispatcher is always one of ours; a stranger's fault is logged whole and told in a sentence. */
function operationError(thrown: unknown, method: string, logger: Logger, caller: Caller): SpacedriveError {
  if (isSpacedriveError(thrown)) return thrown;
  logger.error({ method, caller: describeCaller(caller), job: jobOf(caller)?.id, err: thrown }, "an operation failed");
  return toSpacedriveError(thrown, "OPERATION_FAILED", `"${method}" failed. The host's log has the cause.`);
}
