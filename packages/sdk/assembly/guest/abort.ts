import { spacedrive_log } from "../env";

/** Set while an abort is being logged: a second abort (out of memory, most likely) then traps without a word. */
let aborting: bool = false;

/** Stands in for the compiler's `env.abort`: says what went wrong and where, then traps. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  if (!aborting) {
    aborting = true;
    const what = message === null ? "aborted" : message;
    const where = file === null ? "unknown" : file;
    const text = String.UTF8.encode(what + " at " + where + ":" + line.toString() + ":" + column.toString());
    spacedrive_log(3, changetype<usize>(text), text.byteLength);
  }
  unreachable();
}
