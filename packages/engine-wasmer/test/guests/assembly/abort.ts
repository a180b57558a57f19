@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32;

const vector: usize = memory.data(16);

/** What the compiler calls where an assertion fails: it says what it was on standard error, and ends the guest. */
export function onAbort(message: string | null, file: string | null, line: u32, column: u32): void {
  const text = String.UTF8.encode(`${message ? message! : "aborted"} (${file ? file! : "?"}:${line}:${column})\n`);
  store<u32>(vector, <u32>changetype<usize>(text));
  store<u32>(vector, <u32>text.byteLength, 4);
  fd_write(2, vector, 1, vector + 8);
  unreachable();
}
