// What the extension does: a query and a job.

import { Host } from "./host";
import { countOf, Fields, quote, readFields, textOf } from "./json";

const COMPLETED = 0;
const INTERRUPTED = 1;
const FAILED = 2;

/** `greet.v1`: asks the host's test.ping, and answers what it said. */
export function greet(host: Host, library: string | null, input: string): string {
  const name = textOf(readFields(input), "name");
  if (name === null) return envelope("INVALID_INPUT", `greet needs a "name" that is text.`);
  const reply = host.call("query:test.ping.v1", library, `{"message":${quote(`Hello, ${name}!`)}}`);
  const said = readFields(reply);
  // An error is handed on as it is: the caller sees why.
  if (said !== null && said.has("error")) return reply;
  const echo = textOf(said, "echo");
  if (echo === null) return envelope("OPERATION_FAILED", "query:test.ping.v1 answered without an echo.");
  const id = library === null ? "null" : quote(library);
  return `{"greeting":${quote(echo)},"library_id":${id}}`;
}

/** `count`: counts to its target, and makes an entry at every tenth step. Returns what a job's export returns. */
export function count(host: Host, library: string | null, state: string): i32 {
  const fields = readFields(state);
  const target = countOf(fields, "target");
  if (fields === null || target < 0) {
    return fail(host, `count needs a "target" that is a whole number from 0 to 4294967295.`);
  }
  let current: i64 = 0;
  if (fields.has("current")) {
    current = countOf(fields, "current");
    if (current < 0) return fail(host, `The "current" of the state is no whole number.`);
  } else host.addWarning(`Counting to ${target}`);

  while (current < target) {
    if (host.checkInterrupt() != 0) return interrupted(host, current, target);
    const next = current + 1;
    if (next % 10 == 0) {
      const reply = readFields(host.call("action:vdfs.create_entry.input.v1", library, entryOf(next)));
      if (reply === null) return fail(host, "action:vdfs.create_entry.input.v1 did not answer JSON.");
      if (reply.has("error")) {
        // The host ends what a job waits for when the job is to end: that is an interrupt.
        if (textOf(reply, "code") == "CANCELLED" && host.checkInterrupt() != 0) {
          return interrupted(host, current, target);
        }
        return fail(host, reasonOf(reply));
      }
    }
    current = next;
    host.addItems(1);
    host.reportProgress(<f64>current / <f64>target, `Counted ${current}/${target}`);
    if (current % 10 == 0 && !host.checkpoint(stateOf(current, target))) {
      return fail(host, "The checkpoint was refused.");
    }
  }
  host.completeWith(`{"counted":${target}}`);
  return COMPLETED;
}

function entryOf(step: i64): string {
  return `{"name":"${step}","path":"count/${step}","entry_type":"number"}`;
}

function stateOf(current: i64, target: i64): string {
  return `{"current":${current},"target":${target}}`;
}

function interrupted(host: Host, current: i64, target: i64): i32 {
  if (!host.checkpoint(stateOf(current, target))) return fail(host, "The checkpoint was refused.");
  return INTERRUPTED;
}

function fail(host: Host, reason: string): i32 {
  host.failWith(reason);
  return FAILED;
}

function envelope(code: string, message: string): string {
  return `{"error":${quote(message)},"code":"${code}","retryable":false}`;
}

/** What an error envelope says. */
function reasonOf(envelope: Fields): string {
  const message = textOf(envelope, "error");
  const code = textOf(envelope, "code");
  return (code === null ? "An error" : code) + ": " + (message === null ? "it does not say which." : message);
}
