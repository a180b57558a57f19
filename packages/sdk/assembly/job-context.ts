import { job_add_warning, job_check_interrupt, job_checkpoint, job_increment_bytes, job_increment_items, job_report_progress } from "./env";
import { ExtensionContext } from "./extension-context";
import { codes } from "./failure";
import { firstText } from "./guest/text-buffer";
import { writeJson } from "./json/codec";
import { JsonWriter } from "./json/writer";
import { doneWithout, Result } from "./result";
import { Uuid } from "./uuid";
import { callWith } from "./wire";

/** What a job works with: all of an ExtensionContext, and its own progress, checkpoints and metrics. */
@final
export class JobContext extends ExtensionContext {
  // Reused, because jobs checkpoint in loops.
  private readonly writer: JsonWriter = JsonWriter.open();

  constructor(readonly jobId: Uuid, libraryId: Uuid | null) {
    super(libraryId, "job");
  }

  /** @param progress from 0 to 1 */
  reportProgress(progress: f32, message: string): void {
    firstText.set(message);
    job_report_progress(this.jobId.pointer, progress, firstText.pointer, firstText.length);
  }

  /**
   * Makes the state durable: after a crash, pause or restart the job goes on from here. Fails with `INVALID_STATE` if
   * JSON cannot carry it or the host could not store it.
   */
  checkpoint<S>(state: S): Result<void> {
    this.writer.reset();
    writeJson<S>(this.writer, state);
    return this.store();
  }

  private store(): Result<void> {
    const writer = this.writer;
    if (writer.failed) return Result.fail<void>(codes.INVALID_STATE, "the state cannot be checkpointed: " + writer.message());
    if (job_checkpoint(this.jobId.pointer, writer.pointer, writer.length) == 0) return doneWithout();
    return Result.fail<void>(codes.INVALID_STATE, "the host did not store the state: see its log", true);
  }

  /** True once the job has been asked to pause or cancel: checkpoint, and end with `return ctx.interrupted()`. */
  checkInterrupt(): bool {
    return job_check_interrupt(this.jobId.pointer) != 0;
  }

  /**
   * Fails with `INTERRUPTED` once the job has been asked to pause or cancel. `orReturn(ctx.interrupted())` in a loop is
   * all that a job needs: its state is then checkpointed by itself.
   */
  interrupted(): Result<void> {
    if (job_check_interrupt(this.jobId.pointer) == 0) return doneWithout();
    return Result.fail<void>(codes.INTERRUPTED, "the job was asked to pause or cancel");
  }

  /**
   * Ends the attempt for at least so long: `return ctx.sleep(ms)`, or `orReturn(ctx.sleep(ms))` where the job has a result. Its state
   * is checkpointed by itself, its memory given back, and the job begins again with that state: note in it that it has slept.
   */
  sleep(milliseconds: u64): Result<void> {
    return this.suspend(wakeWhen('"after_ms":', milliseconds));
  }

  /** The same until a time of day, in milliseconds since the epoch. */
  sleepUntil(unixMilliseconds: u64): Result<void> {
    return this.suspend(wakeWhen('"at_unix_ms":', unixMilliseconds));
  }

  /** The same until all jobs that this one has spawned have ended, in whichever way. */
  waitForChildren(): Result<void> {
    return this.suspend(wakeWhen('"children":', "ended"));
  }

  /** The same until these of them have. */
  waitFor(children: Uuid[]): Result<void> {
    return this.suspend(wakeWhen('"children":', children));
  }

  /**
   * The same until an event that is emitted from now on: this extension's, `imported`, or the host's, `app.import_done`. Not longer
   * than `timeoutMs`, where that is not 0; `ctx.lastEvent(name)` tells what has come.
   */
  waitForEvent(name: string, timeoutMs: u64 = 0): Result<void> {
    return this.suspend(withTimeout(wakeWhen('"event":', name), timeoutMs));
  }

  /** The same for an event whose number is above this one, also where it has been emitted already. */
  waitForEventAfter(name: string, number: u64, timeoutMs: u64 = 0): Result<void> {
    const input = JsonWriter.open();
    input.beginObject();
    input.plainKey('"event":');
    input.beginObject();
    input.plainKey('"name":');
    input.writeString(name);
    input.plainKey('"after":');
    input.writeU64(number);
    input.endObject();
    return this.suspend(withTimeout(input, timeoutMs));
  }

  /** @param input an object that is still open. */
  private suspend(input: JsonWriter): Result<void> {
    input.endObject();
    const asked = callWith<void>(this.libraryId, "action:jobs.wake_when.input.v1", input);
    if (asked.failed) return asked;
    return Result.fail<void>(codes.SUSPENDED, "the job waits to be woken");
  }

  /** A problem that does not end the job; kept with it. */
  addWarning(message: string): void {
    firstText.set(message);
    job_add_warning(this.jobId.pointer, firstText.pointer, firstText.length);
  }

  incrementBytes(bytes: u64): void {
    job_increment_bytes(this.jobId.pointer, bytes);
  }

  incrementItems(items: u64): void {
    job_increment_items(this.jobId.pointer, items);
  }

  /** The wrapper of a job calls this when the job is over. */
  release(): void {
    this.writer.close();
  }
}

/** What wakes a job: an object that is left open. */
function wakeWhen<W>(key: string, when: W): JsonWriter {
  const input = JsonWriter.open();
  input.beginObject();
  input.plainKey(key);
  writeJson<W>(input, when);
  return input;
}

function withTimeout(input: JsonWriter, timeoutMs: u64): JsonWriter {
  if (timeoutMs == 0) return input;
  input.plainKey('"after_ms":');
  input.writeU64(timeoutMs);
  return input;
}
