// The extension: a query and a job. What the manifest declares need not be registered; it is, so that a name that the two write
// differently is found by `sdx check` and by each load, and not by the first call.

import { countOf, Fields, quote, readFields, textOf } from "./json";
import {
  addItems,
  addWarning,
  answer,
  call,
  checkInterrupt,
  checkpoint,
  Command,
  completeWith,
  failWith,
  nextCommand,
  NOT_FOUND,
  refuse,
  register,
  reportProgress,
} from "./records";

const PROTOCOL = "1";
/** Of JSON-RPC 2.0, for faults of its server. */
const REFUSED = -32000;
const COMPLETED = 0;
const INTERRUPTED = 1;
const FAILED = 2;

while (true) {
  const command = nextCommand();
  if (command === null) break;
  serve(command);
}

function serve(command: Command): void {
  const name = command.text("export");
  if (command.method == "start") start(command);
  else if (command.method == "handle" && name == "query_greet_v1") {
    answer(command, quote(greet(libraryOf(command), command.text("input"))));
  } else if (command.method == "job" && name == "execute_count") {
    answer(command, count(libraryOf(command), command.text("state")).toString());
  } else refuse(command, NOT_FOUND, `There is no ${command.method} "${name}".`);
}

function start(command: Command): void {
  const registered = register("query", "greet.v1", "query_greet_v1") && register("job", "count", "execute_count");
  if (registered) answer(command, PROTOCOL);
  else refuse(command, REFUSED, "a registration was refused: the host's log says why");
}

/** The library of a command's context; null where it has none. */
function libraryOf(command: Command): string | null {
  return textOf(readFields(command.text("context")), "library_id");
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
