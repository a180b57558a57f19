import { type Caller, jobOf } from "./caller.js";
import { isSpacedriveError } from "./errors.js";
import type { LibraryId } from "./ids.js";
import type { LibraryDirectory } from "./libraries.js";
import type { Operation } from "./operation.js";

interface HeldCall {
  readonly operation: Operation;
  readonly library: LibraryId | null;
  readonly caller: Caller;
}

/**
 * Makes a call, and lets its answer go only once what it may have read is confirmed. An answer tells what was read, and so does
 * a failure; what an action has committed itself is confirmed when it answers. A job may know before: what it makes of that in
 * its own library is confirmed later, or not at all.
 */
export function answerConfirmed(libraries: LibraryDirectory, call: HeldCall, make: () => unknown): unknown {
  if (libraries.confirmed === undefined) return make();
  const { handler, kind } = call.operation;
  // What is done outside cannot be taken back, whoever has it done.
  const before = kind === "action" && "run" in handler ? libraries.confirmed("all") : null;
  return before === null ? answer(libraries, call, make) : before.then(() => answer(libraries, call, make));
}

function answer(libraries: LibraryDirectory, call: HeldCall, make: () => unknown): unknown {
  let made: unknown;
  try {
    made = make();
  } catch (thrown) {
    const unconfirmed = unconfirmedFor(libraries, call);
    if (unconfirmed === null) throw thrown;
    return refuseAfter(unconfirmed, thrown);
  }
  if (isPromiseLike(made)) return answerOf(libraries, call, made);
  const unconfirmed = unconfirmedFor(libraries, call);
  return unconfirmed === null ? made : unconfirmed.then(() => made);
}

async function answerOf(libraries: LibraryDirectory, call: HeldCall, made: PromiseLike<unknown>): Promise<unknown> {
  let output: unknown;
  try {
    output = await made;
  } catch (thrown) {
    return refuseAfter(unconfirmedFor(libraries, call), thrown);
  }
  if ("run" in call.operation.handler) await unconfirmedFor(libraries, call);
  return output;
}

async function refuseAfter(unconfirmed: Promise<void> | null, thrown: unknown): Promise<never> {
  await unconfirmed?.catch((error: unknown) => {
    // Of what an action itself may have left behind its caller must hear.
    throw isUnconfirmed(thrown) ? thrown : error;
  });
  throw thrown;
}

function isUnconfirmed(thrown: unknown): boolean {
  return isSpacedriveError(thrown) && thrown.details["unconfirmed"] === true;
}

function unconfirmedFor(libraries: LibraryDirectory, { operation, library, caller }: HeldCall): Promise<void> | null {
  const job = jobOf(caller);
  if (operation.scope === "library") {
    return job !== null && job.library === library ? null : (libraries.confirmed?.(library) ?? null);
  }
  return libraries.confirmed?.(job === null ? "all" : null) ?? null;
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
