// One command with a name for each thing that a guest can do, well or badly.

import "./abort";
import {
  answer,
  ask,
  begin,
  beginAnswer,
  Bytes,
  endAnswer,
  exit,
  fail,
  field,
  put,
  putBytes,
  pollNowhere,
  readNothing,
  readNowhere,
  readRecord,
  tell,
  writeError,
  writeOutput,
} from "./records";

const NOT_FOUND = -32601;
const LIBRARY = "0a0b0c0d-0e0f-4001-8203-0405060708ff";
const SAID = "said by the guest";
const PROGRAM: usize = memory.data<u8>([
  // "PROGRAM=" and 16 bytes that a test overwrites, so that one build is many guests.
  0x50, 0x52, 0x4f, 0x47, 0x52, 0x41, 0x4d, 0x3d, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e, 0x2e,
  0x2e, 0x2e, 0x2e, 0x2e,
]);
/** "half € \xff way", with a byte that is no UTF-8. */
const BROKEN: usize = memory.data<u8>([
  0x68, 0x61, 0x6c, 0x66, 0x20, 0xe2, 0x82, 0xac, 0x20, 0xff, 0x20, 0x77, 0x61, 0x79,
]);

function broken(): Bytes {
  return new Bytes(BROKEN, 14);
}

function log(level: i32, message: string): void {
  tell("log", `"level":${level},"message":"${message}"`);
}

function register(): i32 {
  begin("register");
  put(`"kind":"query","name":"summary.v1","export":"query_summary_v1"`);
  ask();
  return I32.parseInt(field("result").text());
}

function broken_key(): void {
  unreachable();
}

function init_key(): void {
  broken_key();
}

function programName(): string {
  return String.UTF8.decodeUnsafe(PROGRAM + 8, 16).replaceAll(".", "");
}

function start(id: string): void {
  const program = programName();
  if (program == "does-nothing") return answer(id, "1");
  if (program == "version-2") return answer(id, "2");
  if (program == "traps-in-init") {
    log(3, "no key was given");
    return init_key();
  }
  if (program == "fails-in-init") {
    log(3, "no key was given");
    return fail(id, 3, "it gave up");
  }
  if (program == "loops-in-init") spin();
  begin("register");
  put(`"kind":"job","name":"counter","export":"execute_counter","resumable":true`);
  ask();
  const job = I32.parseInt(field("result").text());
  if (register() + job != 0) return fail(id, 1, "a registration was refused");
  answer(id, "1");
}

function inner_trap(): void {
  unreachable();
}

function outer_trap(): void {
  inner_trap();
}

function spin(): void {
  while (true) {}
}

function recurse(depth: i32): i32 {
  return 1 + recurse(depth + 1);
}

function grow_to_cap(): void {
  while (memory.grow(16) != -1) {}
  while (memory.grow(1) != -1) {}
}

function fill_bomb(): void {
  while (memory.grow(16) != -1) {}
  const from = heap.alloc(16);
  while (true) memory.fill(from, 1, (<usize>memory.size() << 16) - from);
}

/** A bare export; its answer, or −1 where there is none of this name. */
function call(id: string, name: string): bool {
  if (name == "seven") answer(id, "7");
  else if (name == "nothing") answer(id, "null");
  else if (name == "live") answer(id, "0");
  else if (name == "trap") outer_trap();
  else if (name == "spin") spin();
  else if (name == "recurse") answer(id, recurse(1).toString());
  else if (name == "grow_and_trap") {
    grow_to_cap();
    unreachable();
  } else if (name == "pages_grown_to") {
    grow_to_cap();
    answer(id, memory.size().toString());
  } else if (name == "fill_bomb") fill_bomb();
  else if (name == "log_levels") {
    log(0, SAID);
    log(1, SAID);
    log(2, SAID);
    put(`\x1e{"jsonrpc":"2.0","method":"log","params":{"level":3,"message":"`);
    putBytes(broken());
    writeOutput(`"}}\n`);
    log(77, "");
    answer(id, "0");
  } else if (name == "log_and_trap") {
    log(3, SAID);
    unreachable();
  } else if (name == "log_long") {
    log(1, "\\u0000".repeat(60000));
    answer(id, "0");
  } else if (name == "log_flood") {
    const record = `\x1e{"jsonrpc":"2.0","method":"log","params":{"level":1,"message":"${SAID}"}}\n`.repeat(1000);
    for (let i = 0; i < 1000; i++) writeOutput(record);
    answer(id, "0");
  } else if (name == "register_late") answer(id, register().toString());
  else if (name == "call_and_drop") {
    echo(`{\\"done\\":true}`, "null");
    answer(id, "0");
  } else if (name == "call_not_utf8") {
    begin("call");
    put(`"method":"query:test.echo.v1","payload":"`);
    putBytes(new Bytes(BROKEN + 9, 1));
    put(`"`);
    ask();
    answer(id, load<u8>(field("result").at).toString());
  }
  // From here on what a guest of the protocol can do wrong.
  else if (name == "exits") exit(3);
  else if (name == "exits_with_words") {
    writeError("the disk is on fire\n");
    exit(101);
  } else if (name == "returns") running = false;
  else if (name == "exits_after_answer") {
    answer(id, "5");
    exit(4);
  } else if (name == "reads_too_soon") readRecord();
  else if (name == "writes_no_json") writeOutput("\x1e{nonsense}\n");
  else if (name == "writes_long_record") while (true) writeOutput("\x1e" + "x".repeat(60000).repeat(100));
  else if (name == "answers_twice") {
    answer(id, "1");
    answer(id, "1");
  } else if (name == "spins_after_answer") {
    answer(id, "1");
    spin();
  } else if (name == "reads_nothing_after_answer") {
    answer(id, "1");
    while (true) readNothing();
  } else if (name == "reads_nowhere_after_answer") {
    answer(id, "1");
    while (true) readNowhere();
  } else if (name == "polls_nowhere_after_answer") {
    answer(id, "1");
    while (true) pollNowhere();
  } else if (name == "asks_after_answer") {
    answer(id, "1");
    begin("call");
    put(`"method":"query:test.echo.v1"`);
    ask();
  } else if (name == "asks_twice") {
    for (let i = 0; i < 2; i++) {
      begin("interrupt");
      writeOutput("}}\n");
    }
  } else if (name == "answers_another") answer("4711", "1");
  else if (name == "answers_text") answer(id, `"seven"`);
  else if (name == "asks_without_params") {
    begin("checkpoint");
    ask();
  } else if (name == "asks_for_nothing") {
    begin("fly");
    ask();
    answer(id, field("code").text());
  } else if (name == "talks") {
    writeOutput("to standard output\nand without an end");
    writeError("to standard error\n");
    answer(id, "0");
    log(1, "after its answer");
  } else if (name == "does_nothing") answer(id, "0");
  else return false;
  return true;
}

/** Calls the host's echo with a raw JSON string; its reply is the record that was read last. */
function echo(payload: string, library: string): void {
  begin("call");
  put(`"method":"query:test.echo.v1","library":${library},"payload":"${payload}"`);
  ask();
}

function answerRaw(id: string, bytes: Bytes): void {
  beginAnswer(id);
  put(`"`);
  putBytes(bytes);
  put(`"`);
  endAnswer();
}

function callLongMethod(id: string, length: i32): void {
  begin("call");
  put(`"method":"`);
  // Not UTF-8 in its middle, so that the next check refuses one of an allowed length.
  put("m".repeat(length - 2));
  putBytes(new Bytes(BROKEN + 9, 1));
  put(`m"`);
  ask();
  answerRaw(id, field("result").copy());
}

function handle(id: string, name: string): bool {
  if (name == "echo") answerRaw(id, field("input").copy());
  else if (name == "echo_context") answerRaw(id, field("context").copy());
  else if (name == "relay") {
    const input = field("input");
    begin("call");
    put(`"method":"query:test.echo.v1","library":"${LIBRARY}","payload":"`);
    putBytes(input);
    put(`"`);
    ask();
    answerRaw(id, field("result").copy());
  } else if (name == "relay_without_library") {
    begin("call");
    put(`"method":"query:test.echo.v1"`);
    ask();
    answerRaw(id, field("result").copy());
  } else if (name == "call_long_method") callLongMethod(id, 1025);
  else if (name == "call_longest_method") callLongMethod(id, 1024);
  else if (name == "answer_not_utf8") answerRaw(id, broken());
  else if (name == "handle_trap") unreachable();
  else if (name == "answer_json") answer(id, `{"a":[1,"}"]}`);
  else if (name == "answer_long_error") {
    put(`\x1e{"jsonrpc":"2.0","id":${id},"error":{"code":1,"message":"\\u001b[2J`);
    for (let i = 0; i < 100; i++) put("x".repeat(10000));
    writeOutput(`"}}\n`);
  } else if (name == "answer_error") fail(id, 1, "it is out of order");
  else return false;
  return true;
}

function checkpoint(state: Bytes): string {
  begin("checkpoint");
  put(`"state":"`);
  putBytes(state);
  put(`"`);
  ask();
  return field("result").text();
}

function checkInterrupt(): i32 {
  begin("interrupt");
  ask();
  return I32.parseInt(field("result").text());
}

function progress(fraction: string, message: string): void {
  tell("progress", `"fraction":${fraction},"message":"${message}"`);
}

function job(id: string, name: string): bool {
  if (name == "execute_all") {
    const state = field("state").copy();
    progress("0.25", SAID);
    progress("0.5", "half done");
    tell("add_items", `"count":3`);
    tell("add_bytes", `"count":"4294967297"`);
    put(`\x1e{"jsonrpc":"2.0","method":"warning","params":{"message":"`);
    putBytes(broken());
    writeOutput(`"}}\n`);
    if (checkpoint(state) != "0") answer(id, "90");
    else {
      tell("add_items", `"count":4`);
      tell("complete", `"result":{"done":true}`);
      answer(id, "0");
    }
  } else if (name == "execute_state") answer(id, checkpoint(field("state").copy()));
  else if (name == "execute_not_utf8") answer(id, checkpoint(broken()));
  else if (name == "execute_until_interrupted") {
    log(1, SAID);
    let code = 0;
    while (code == 0) {
      tell("add_items", `"count":1`);
      code = checkInterrupt();
    }
    answer(id, (40 + code).toString());
  } else if (name == "execute_busily") {
    while (checkInterrupt() == 0) progress("0.5", "half done");
    answer(id, "1");
  } else if (name == "execute_once_then_silent") {
    progress("0.25", SAID);
    progress("0.5", "half done");
    spin();
  } else if (name == "execute_silent") spin();
  else if (name == "execute_call") {
    echo(`{\\"done\\":true}`, `"${LIBRARY}"`);
    answer(id, "2");
  } else if (name == "execute_fail") {
    tell("fail", `"message":"it broke"`);
    answer(id, "2");
  } else if (name == "execute_error") fail(id, 1, "it broke");
  else if (name == "execute_warnings") {
    for (let i = 0; i < 10000; i++) tell("warning", `"message":"${SAID}"`);
    answer(id, "0");
  } else return false;
  return true;
}

let running: bool = true;

while (running && readRecord()) {
  const id = field("id").text();
  const method = field("method").text();
  const name = field("export").text();
  let known = true;
  if (method == "start") start(id);
  else if (method == "call") known = call(id, name);
  else if (method == "handle") known = handle(id, name);
  else if (method == "job") known = job(id, name);
  if (!known) fail(id, NOT_FOUND, "there is none of this name");
}

// Standard input has ended, or a call of "returns".
if (running) {
  if (programName() == "says-goodbye") log(1, "goodbye");
  else if (programName() == "asks-at-its-end") echo("{}", "null");
  else if (programName() == "stays-for-ever") spin();
}
