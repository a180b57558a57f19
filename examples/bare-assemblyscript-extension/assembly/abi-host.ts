// The ABI of docs/abi.md from the guest's side: copy this file with host.ts and json.ts, and write the rest yourself.

import { Host } from "@spacedrive/example-assemblyscript-guest/assembly/host";

@external("spacedrive", "spacedrive_call")
declare function spacedrive_call(method: usize, methodLength: i32, library: usize, payload: usize, payloadLength: i32): usize;
@external("spacedrive", "spacedrive_log")
declare function spacedrive_log(level: i32, message: usize, length: i32): void;
@external("spacedrive", "job_report_progress")
declare function job_report_progress(job: usize, fraction: f32, message: usize, length: i32): void;
@external("spacedrive", "job_checkpoint")
declare function job_checkpoint(job: usize, state: usize, length: i32): i32;
@external("spacedrive", "job_check_interrupt")
declare function job_check_interrupt(job: usize): i32;
@external("spacedrive", "job_add_warning")
declare function job_add_warning(job: usize, message: usize, length: i32): void;
@external("spacedrive", "job_increment_items")
declare function job_increment_items(job: usize, count: i64): void;
@external("spacedrive", "job_fail")
declare function job_fail(job: usize, message: usize, length: i32): void;
@external("spacedrive", "job_complete")
declare function job_complete(job: usize, result: usize, length: i32): void;
@external("spacedrive", "register_job")
declare function register_job(name: usize, nameLength: i32, exported: usize, exportLength: i32, resumable: i32): i32;
@external("spacedrive", "register_operation")
declare function register_operation(kind: i32, name: usize, nameLength: i32, exported: usize, exportLength: i32): i32;

const LOG_ERROR = 3;
const ID_BYTES = 16;
/** What stands before the bytes of a block: their number. */
const BLOCK_HEAD = 4;

/** What the host asks for memory. Not `__new`: the garbage collector must not know of what belongs to the host. */
export function wasm_alloc(size: i32): usize {
  return heap.alloc(size);
}

export function wasm_free(pointer: usize, size: i32): void {
  heap.free(pointer);
}

/** What the host handed over, as text. */
export function textAt(pointer: usize, length: i32): string {
  return String.UTF8.decodeUnsafe(pointer, length);
}

/** A block with a text, for the host, which frees it. */
export function blockOf(text: string): usize {
  const bytes = String.UTF8.encode(text);
  const block = heap.alloc(BLOCK_HEAD + bytes.byteLength);
  store<u32>(block, <u32>bytes.byteLength);
  memory.copy(block + BLOCK_HEAD, changetype<usize>(bytes), bytes.byteLength);
  return block;
}

/** Announces a query of this extension, `greet.v1`, and the function that it is. Call it in `plugin_init`. */
export function registerQuery(name: string, exported: string): bool {
  const nameBytes = String.UTF8.encode(name);
  const exportBytes = String.UTF8.encode(exported);
  return (
    register_operation(
      0,
      changetype<usize>(nameBytes),
      nameBytes.byteLength,
      changetype<usize>(exportBytes),
      exportBytes.byteLength,
    ) == 0
  );
}

/** Announces a job that can be paused and resumed. Call it in `plugin_init`. */
export function registerJob(name: string, exported: string): bool {
  const nameBytes = String.UTF8.encode(name);
  const exportBytes = String.UTF8.encode(exported);
  return (
    register_job(
      changetype<usize>(nameBytes),
      nameBytes.byteLength,
      changetype<usize>(exportBytes),
      exportBytes.byteLength,
      1,
    ) == 0
  );
}

/** The host, as imports that take pointers. */
export class AbiHost implements Host {
  private id: StaticArray<u8> | null;

  /** For a job the `job_id` of its context. */
  constructor(job: string | null) {
    this.id = idOf(job);
  }

  /** What job_* functions are called with; 0: there is no job. */
  private get job(): usize {
    return changetype<usize>(this.id);
  }

  call(method: string, library: string | null, payload: string): string {
    const name = String.UTF8.encode(method);
    const bytes = String.UTF8.encode(payload);
    const id = idOf(library);
    const block = spacedrive_call(
      changetype<usize>(name),
      name.byteLength,
      changetype<usize>(id),
      changetype<usize>(bytes),
      bytes.byteLength,
    );
    // It may have happened all the same, and nobody knows what came of it.
    if (block == 0) unreachable();
    const answer = textAt(block + BLOCK_HEAD, load<i32>(block));
    wasm_free(block, BLOCK_HEAD + load<i32>(block));
    return answer;
  }

  checkpoint(state: string): bool {
    const bytes = String.UTF8.encode(state);
    return job_checkpoint(this.job, changetype<usize>(bytes), bytes.byteLength) == 0;
  }

  checkInterrupt(): i32 {
    return job_check_interrupt(this.job);
  }

  reportProgress(fraction: f64, message: string): void {
    const bytes = String.UTF8.encode(message);
    job_report_progress(this.job, <f32>fraction, changetype<usize>(bytes), bytes.byteLength);
  }

  addWarning(message: string): void {
    const bytes = String.UTF8.encode(message);
    job_add_warning(this.job, changetype<usize>(bytes), bytes.byteLength);
  }

  addItems(count: u32): void {
    job_increment_items(this.job, count);
  }

  failWith(reason: string): void {
    const bytes = String.UTF8.encode(reason);
    job_fail(this.job, changetype<usize>(bytes), bytes.byteLength);
  }

  completeWith(result: string): void {
    const bytes = String.UTF8.encode(result);
    job_complete(this.job, changetype<usize>(bytes), bytes.byteLength);
  }
}

/** The 16 bytes of a UUID; null, which is 0 for the host, where there is none. */
function idOf(text: string | null): StaticArray<u8> | null {
  if (text === null) return null;
  const digits = text.replaceAll("-", "");
  if (digits.length != ID_BYTES * 2) return null;
  const id = new StaticArray<u8>(ID_BYTES);
  for (let i = 0; i < ID_BYTES; i++) id[i] = <u8>parseInt(digits.substr(i * 2, 2), 16);
  return id;
}

let aborting = false;

/** What the compiler calls where an assertion fails (`--use abort=…`): says what it was, and traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  // Writing the message needs memory, whose lack may be why.
  if (!aborting) {
    aborting = true;
    const what = message === null ? "aborted" : message;
    const where = file === null ? "?" : file;
    const bytes = String.UTF8.encode(`${what} (${where}:${line}:${column})`);
    spacedrive_log(LOG_ERROR, changetype<usize>(bytes), bytes.byteLength);
  }
  unreachable();
}
