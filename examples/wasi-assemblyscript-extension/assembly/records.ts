// The protocol of docs/wasi-protocol.md from the guest's side: copy this file with host.ts and json.ts, and write the rest yourself.

import { Host } from "@spacedrive/example-assemblyscript-guest/assembly/host";
import { countOf, Fields, quote, readFields, textOf } from "@spacedrive/example-assemblyscript-guest/assembly/json";

@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(descriptor: i32, vectors: usize, count: i32, read: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(descriptor: i32, vectors: usize, count: i32, written: usize): i32;
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const RECORD_END: u8 = 0x0a;
/** Exit code of one whose streams are gone. */
const BROKEN_STREAM = 71;

/** Where WASI finds the range of a read or write, and says how much it was. */
const vector: usize = memory.data(12, 4);

/** What a command that the guest does not know is answered with. */
export const NOT_FOUND = -32601;

/** One command of the host. */
export class Command {
  constructor(
    /** As the host wrote it: a number or a string. */
    readonly id: string,
    readonly method: string,
    private readonly params: Fields | null,
  ) {}

  /** A parameter that is text; empty where there is none. */
  text(name: string): string {
    const text = textOf(this.params, name);
    return text === null ? "" : text;
  }
}

/** Waits for the next command; null where the host has closed the standard input. */
export function nextCommand(): Command | null {
  const fields = readRecord();
  if (fields === null) return null;
  const method = textOf(fields, "method");
  return new Command(
    fields.has("id") ? fields.get("id") : "null",
    method === null ? "" : method,
    fields.has("params") ? readFields(fields.get("params")) : null,
  );
}

/** Answers a command with a JSON value. */
export function answer(command: Command, value: string): void {
  writeRecord(`"id":${command.id},"result":${value}`);
}

/** Answers a command with an error: what becomes of it depends on the command (docs/wasi-protocol.md §4). */
export function refuse(command: Command, code: i32, message: string): void {
  writeRecord(`"id":${command.id},"error":{"code":${code},"message":${quote(message)}}`);
}

/** Tells the host, while it starts the guest, what an export is: a "job", "query" or "action". False: it is refused. */
export function register(kind: string, name: string, exportName: string): bool {
  return ask("register", `"kind":${quote(kind)},"name":${quote(name)},"export":${quote(exportName)}`).count == 0;
}

/** 0: debug, 1: info, 2: warn, 3: error. */
export function log(level: i32, message: string): void {
  tell("log", `"level":${level},"message":${quote(message)}`);
}

/** The host, as records that it reads and writes. */
export class RecordsHost implements Host {
  call(method: string, library: string | null, payload: string): string {
    const named = library === null ? "" : `"library":${quote(library)},`;
    return ask("call", `"method":${quote(method)},${named}"payload":${quote(payload)}`).text;
  }

  checkpoint(state: string): bool {
    return ask("checkpoint", `"state":${quote(state)}`).count == 0;
  }

  checkInterrupt(): i32 {
    return <i32>ask("interrupt", "").count;
  }

  reportProgress(fraction: f64, message: string): void {
    // JSON has no word for 0 / 0, and the host ends who writes one.
    const known = fraction > 0 ? min<f64>(fraction, 1) : 0;
    tell("progress", `"fraction":${known},"message":${quote(message)}`);
  }

  addWarning(message: string): void {
    tell("warning", `"message":${quote(message)}`);
  }

  addItems(count: u32): void {
    tell("add_items", `"count":${count}`);
  }

  failWith(reason: string): void {
    tell("fail", `"message":${quote(reason)}`);
  }

  completeWith(result: string): void {
    tell("complete", `"result":${quote(result)}`);
  }
}

/** What the host replied to a question. */
class Reply {
  constructor(
    /** The result where it is text. */
    readonly text: string,
    /** The result where it is a number; else −1. */
    readonly count: i64,
  ) {}
}

let lastId: i32 = 0;

/** Asks the host, and waits for its reply. */
function ask(method: string, params: string): Reply {
  writeRecord(`"id":${++lastId},"method":"${method}","params":{${params}}`);
  const reply = readRecord();
  // Without a host there is nothing left to do.
  if (reply === null) {
    proc_exit(BROKEN_STREAM);
    unreachable();
  }
  const text = textOf(reply, "result");
  return new Reply(text === null ? "" : text, countOf(reply, "result"));
}

/** Tells the host something that it does not reply to: this costs no wait. */
function tell(method: string, params: string): void {
  writeRecord(`"method":"${method}","params":{${params}}`);
}

// What has been read and not yet taken apart: the bytes from inputStart to inputEnd.
let input: ArrayBuffer = new ArrayBuffer(65536);
let inputStart: i32 = 0;
let inputEnd: i32 = 0;

/** Waits for the next record and takes it apart; null where the standard input has ended. */
function readRecord(): Fields | null {
  let searched = inputStart;
  while (true) {
    const bytes = changetype<usize>(input);
    for (; searched < inputEnd; searched++) {
      if (load<u8>(bytes + searched) != RECORD_END) continue;
      // Without the 0x1E before it.
      const text = String.UTF8.decodeUnsafe(bytes + inputStart + 1, max(searched - inputStart - 1, 0));
      inputStart = searched + 1;
      return readFields(text);
    }
    searched -= inputStart;
    makeRoom();
    if (!readMore()) return null;
  }
}

/** Moves what is there to the beginning, and doubles the buffer where it is full. */
function makeRoom(): void {
  const length = inputEnd - inputStart;
  const target = length * 2 > input.byteLength ? new ArrayBuffer(input.byteLength * 2) : input;
  memory.copy(changetype<usize>(target), changetype<usize>(input) + inputStart, length);
  input = target;
  inputStart = 0;
  inputEnd = length;
}

function readMore(): bool {
  store<u32>(vector, <u32>(changetype<usize>(input) + inputEnd));
  store<u32>(vector, <u32>(input.byteLength - inputEnd), 4);
  if (fd_read(STDIN, vector, 1, vector + 8) != 0) return false;
  const read = load<i32>(vector, 8);
  inputEnd += read;
  return read > 0;
}

function writeRecord(members: string): void {
  write(STDOUT, `\x1e{"jsonrpc":"2.0",${members}}\n`);
}

/** Writes all of a text, as often as it takes: the host takes at most 64 KiB at a time. */
function write(descriptor: i32, text: string): void {
  const bytes = String.UTF8.encode(text);
  let done = 0;
  while (done < bytes.byteLength) {
    store<u32>(vector, <u32>(changetype<usize>(bytes) + done));
    store<u32>(vector, <u32>(bytes.byteLength - done), 4);
    if (fd_write(descriptor, vector, 1, vector + 8) != 0) proc_exit(BROKEN_STREAM);
    done += load<i32>(vector, 8);
  }
}

/** What the compiler calls where an assertion fails (`--use abort=…`): the host shows the last line on standard error. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "aborted" : message;
  const where = file === null ? "?" : file;
  write(STDERR, `${what} (${where}:${line}:${column})\n`);
  unreachable();
}
