// The protocol of docs/wasi-protocol.md from the guest's side, in one file: records on standard input and output.

@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, vectors: usize, count: i32, read: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32;
@external("wasi_snapshot_preview1", "poll_oneoff")
declare function poll_oneoff(subscriptions: usize, events: usize, count: i32, ready: usize): i32;
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;

/** A range of bytes in memory. */
export class Bytes {
  constructor(
    public at: usize,
    public length: i32,
  ) {}

  is(text: string): bool {
    const bytes = String.UTF8.encode(text);
    return this.length == bytes.byteLength && memory.compare(this.at, changetype<usize>(bytes), this.length) == 0;
  }

  /** A copy that outlives the record. */
  copy(): Bytes {
    const at = heap.alloc(max(1, this.length));
    memory.copy(at, this.at, this.length);
    return new Bytes(at, this.length);
  }

  text(): string {
    return String.UTF8.decodeUnsafe(this.at, this.length);
  }
}

// What has been read: a record at a time.
let input: usize = heap.alloc(4096);
let inputSize: i32 = 4096;
let inputLength: i32 = 0;
// What is to be written.
let output: usize = heap.alloc(4096);
let outputSize: i32 = 4096;
let outputLength: i32 = 0;

const vector: usize = memory.data(16);

/** Waits for the next record; false where standard input has ended. */
export function readRecord(): bool {
  inputLength = 0;
  while (true) {
    if (inputLength == inputSize) {
      inputSize *= 2;
      input = heap.realloc(input, inputSize);
    }
    store<u32>(vector, <u32>(input + inputLength));
    store<u32>(vector, <u32>(inputSize - inputLength), 4);
    if (fd_read(0, vector, 1, vector + 8) != 0) return false;
    const read = load<i32>(vector, 8);
    if (read == 0) return false;
    inputLength += read;
    if (load<u8>(input + inputLength - 1) == 0x0a) return true;
  }
}

/** Asks for no bytes, which waits for none. */
export function readNothing(): void {
  store<u32>(vector, <u32>input);
  store<u32>(vector, 0, 4);
  fd_read(0, vector, 1, vector + 8);
}

/** Beyond all memory that there is. */
const NOWHERE: u32 = 0xffffff00;

/** Asks for bytes that cannot be put there, which fails at once. */
export function readNowhere(): void {
  store<u32>(vector, NOWHERE);
  store<u32>(vector, 64, 4);
  fd_read(0, vector, 1, vector + 8);
}

const subscription: usize = memory.data(48);

/** Waits for standard input and has no place for the event, which fails at once. */
export function pollNowhere(): void {
  store<u8>(subscription, 1, 8);
  poll_oneoff(subscription, NOWHERE, 1, vector + 8);
}

/**
 * The value of a field, wherever it stands in the record: a string without its quotes, with its escapes as they are, or any
 * other value as it was written. Empty where there is none.
 */
export function field(name: string): Bytes {
  const key = String.UTF8.encode(name);
  let at = input + 1;
  const end = input + inputLength;
  while (at < end) {
    if (load<u8>(at) != QUOTE) {
      at++;
      continue;
    }
    const start = at + 1;
    at = skipString(at, end);
    const length = <i32>(at - 1 - start);
    if (load<u8>(at) != 0x3a) continue;
    if (length != key.byteLength || memory.compare(start, changetype<usize>(key), length) != 0) continue;
    return valueAt(at + 1, end);
  }
  return new Bytes(0, 0);
}

function valueAt(from: usize, end: usize): Bytes {
  if (load<u8>(from) == QUOTE) return new Bytes(from + 1, <i32>(skipString(from, end) - from - 2));
  let depth = 0;
  let at = from;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == QUOTE) {
      at = skipString(at, end);
      continue;
    }
    if (byte == 0x7b || byte == 0x5b) depth++;
    if ((byte == 0x2c && depth == 0) || ((byte == 0x7d || byte == 0x5d) && --depth < 0)) break;
    at++;
  }
  return new Bytes(from, <i32>(at - from));
}

function skipString(from: usize, end: usize): usize {
  let at = from + 1;
  while (at < end && load<u8>(at) != QUOTE) at += load<u8>(at) == BACKSLASH ? 2 : 1;
  return at + 1;
}

export function put(text: string): void {
  const bytes = String.UTF8.encode(text);
  putBytes(new Bytes(changetype<usize>(bytes), bytes.byteLength));
}

export function putBytes(bytes: Bytes): void {
  while (outputLength + bytes.length > outputSize) {
    outputSize *= 2;
    output = heap.realloc(output, outputSize);
  }
  memory.copy(output + outputLength, bytes.at, bytes.length);
  outputLength += bytes.length;
}

/** Writes what has been put, as often as it takes. */
function flush(fd: i32): void {
  let done = 0;
  while (done < outputLength) {
    store<u32>(vector, <u32>(output + done));
    store<u32>(vector, <u32>(outputLength - done), 4);
    if (fd_write(fd, vector, 1, vector + 8) != 0) proc_exit(71);
    done += load<i32>(vector, 8);
  }
  outputLength = 0;
}

export function writeError(text: string): void {
  outputLength = 0;
  put(text);
  flush(2);
}

export function writeOutput(text: string): void {
  put(text);
  flush(1);
}

export function exit(code: i32): void {
  proc_exit(code);
}

let lastId: i32 = 0;

/** Begins a record that asks the host and wants its reply; `params` are put next, and `ask` sends it. */
export function begin(method: string): void {
  put(`\x1e{"jsonrpc":"2.0","id":${++lastId},"method":"${method}","params":{`);
}

/** Sends it, and reads the reply. False where it is an error, or an interrupt is to be seen. */
export function ask(): void {
  put("}}\n");
  flush(1);
  if (!readRecord()) proc_exit(0);
}

/** Sends a record that wants no reply. */
export function tell(method: string, params: string): void {
  put(`\x1e{"jsonrpc":"2.0","method":"${method}","params":{${params}}}\n`);
  flush(1);
}

/** What the last reply says of an interrupt: 0 go on, 1 pause, 2 cancel. */
export function interrupt(): i32 {
  return I32.parseInt(field("interrupt").text());
}

/** Begins the answer to a command; its value is put next, and `endAnswer` sends it. */
export function beginAnswer(id: string): void {
  put(`\x1e{"jsonrpc":"2.0","id":${id},"result":`);
}

export function endAnswer(): void {
  put("}\n");
  flush(1);
}

export function answer(id: string, value: string): void {
  beginAnswer(id);
  put(value);
  endAnswer();
}

export function fail(id: string, code: i32, message: string): void {
  put(`\x1e{"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":"${message}"}}\n`);
  flush(1);
}
