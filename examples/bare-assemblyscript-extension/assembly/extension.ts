// The extension: a query and a job, each an export that the host finds by the name that it is registered with.

import {
  addItems,
  addWarning,
  blockOf,
  call,
  checkInterrupt,
  checkpoint,
  completeWith,
  enterJob,
  failWith,
  registerJob,
  registerQuery,
  reportProgress,
  textAt,
} from "./host";
import { countOf, Fields, quote, readFields, textOf } from "./json";

// The host asks these for memory, whatever else there is.
export { wasm_alloc, wasm_free } from "./host";

const COMPLETED = 0;
const INTERRUPTED = 1;
const FAILED = 2;

/** Runs in every instance, before anything else is called; 0 is success. */
export function plugin_init(): i32 {
  return registerQuery("greet.v1", "query_greet_v1") && registerJob("count", "execute_count") ? 0 : 1;
}

export function query_greet_v1(context: usize, contextLength: i32, input: usize, inputLength: i32): usize {
  const library = textOf(readFields(textAt(context, contextLength)), "library_id");
  return blockOf(greet(library, textAt(input, inputLength)));
}

export function execute_count(context: usize, contextLength: i32, state: usize, stateLength: i32): i32 {
  const ids = readFields(textAt(context, contextLength));
  enterJob(textOf(ids, "job_id"));
  return count(textOf(ids, "library_id"), textAt(state, stateLength));
}

/** `greet.v1`: asks the host's test.ping, and answers what it said. */
function greet(library: string | null, input: string): string {
  const name = textOf(readFields(input), "name");
  if (name === null) return envelope("INVALID_INPUT", `greet needs a "name" that is text.`);
  const reply = call("query:test.ping.v1", library, `{"message":${quote(`Hello, ${name}!`)}}`);
  const said = readFields(reply);
  // An error is handed on as it is: the caller sees why.
  if (said !== null && said.has("error")) return reply;
  const echo = textOf(said, "echo");
  if (echo === null) return envelope("OPERATION_FAILED", "query:test.ping.v1 answered without an echo.");
  const id = library === null ? "null" : quote(library);
  return `{"greeting":${quote(echo)},"library_id":${id}}`;
}

function envelope(code: string, message: string): string {
  return `{"error":${quote(message)},"code":"${code}","retryable":false}`;
}

/** `count`: counts to its target, and makes an entry at every tenth step. */
function count(library: string | null, state: string): i32 {
  const fields = readFields(state);
  const target = countOf(fields, "target");
  if (fields === null || target < 0) return fail(`count needs a "target" that is a whole number from 0 to 4294967295.`);
  let current: i64 = 0;
  if (fields.has("current")) {
    current = countOf(fields, "current");
    if (current < 0) return fail(`The "current" of the state is no whole number.`);
  } else addWarning(`Counting to ${target}`);

  while (current < target) {
    if (checkInterrupt() != 0) return interrupted(current, target);
    const next = current + 1;
    if (next % 10 == 0) {
      const reply = readFields(call("action:vdfs.create_entry.input.v1", library, entryOf(next)));
      if (reply === null) return fail("action:vdfs.create_entry.input.v1 did not answer JSON.");
      if (reply.has("error")) {
        // The host ends what a job waits for when the job is to end: that is an interrupt.
        if (textOf(reply, "code") == "CANCELLED" && checkInterrupt() != 0) return interrupted(current, target);
        return fail(reasonOf(reply));
      }
    }
    current = next;
    addItems(1);
    reportProgress(<f64>current / <f64>target, `Counted ${current}/${target}`);
    if (current % 10 == 0 && !checkpoint(stateOf(current, target))) return fail("The checkpoint was refused.");
  }
  completeWith(`{"counted":${target}}`);
  return COMPLETED;
}

function entryOf(step: i64): string {
  return `{"name":"${step}","path":"count/${step}","entry_type":"number"}`;
}

function stateOf(current: i64, target: i64): string {
  return `{"current":${current},"target":${target}}`;
}

function interrupted(current: i64, target: i64): i32 {
  if (!checkpoint(stateOf(current, target))) return fail("The checkpoint was refused.");
  return INTERRUPTED;
}

function fail(reason: string): i32 {
  failWith(reason);
  return FAILED;
}

/** What an error envelope says. */
function reasonOf(envelope: Fields): string {
  const message = textOf(envelope, "error");
  const code = textOf(envelope, "code");
  return (code === null ? "An error" : code) + ": " + (message === null ? "it does not say which." : message);
}
