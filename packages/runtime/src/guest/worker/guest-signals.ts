import type { HostCalls, JobCalls, LogLevel } from "../guest.js";
import { COUNTER, COUNTERS_OFFSET, PROGRESS_BYTES, PROGRESS_OFFSET, WORD, WORD_COUNT } from "./channel-layout.js";
import { RingReader, WARNING_RECORD } from "./ring.js";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
/** How often a flood is said. */
const DROPPED_NOTICE_MS = 1_000;

/** What a guest says without waiting for an answer: log lines, warnings, progress, counters, signs of life. */
export class GuestSignals {
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  readonly #counters: Float64Array;
  readonly #progress: Buffer<SharedArrayBuffer>;
  readonly #ring: RingReader;
  readonly #host: HostCalls;
  #progressVersion: number;
  #bytes = 0;
  #items = 0;
  #heartbeat = 0;
  #dropped = 0;
  #droppedSaidAt = 0;
  #lastError: string | null = null;

  constructor(words: Int32Array, shared: SharedArrayBuffer, host: HostCalls) {
    this.#words = words;
    this.#floats = new Float32Array(shared, 0, WORD_COUNT);
    this.#counters = new Float64Array(shared, COUNTERS_OFFSET, 2);
    this.#progress = Buffer.from(shared, PROGRESS_OFFSET, PROGRESS_BYTES);
    this.#ring = new RingReader(words, shared);
    this.#host = host;
    // A thread that ran another instance before is used again from a clean slate.
    this.#ring.drain(() => {});
    words[WORD.INTERRUPT] = 0;
    words[WORD.INTERRUPT_SEEN] = 0;
    words[WORD.LOGS_DROPPED] = 0;
    this.#counters.fill(0);
    this.#progressVersion = words[WORD.PROGRESS_VERSION] ?? 0;
  }

  /** The last line that was logged as an error. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** True where a host function was called since this was asked last. */
  showsLife(): boolean {
    const heartbeat = Atomics.load(this.#words, WORD.HEARTBEAT);
    const shows = heartbeat !== this.#heartbeat;
    this.#heartbeat = heartbeat;
    return shows;
  }

  /** Hands on all that was said until now, in this order: lines, progress, counters. `last`: nothing comes after it soon. */
  drain(job: JobCalls | null, last: boolean): void {
    this.#ring.drain((kind, text) => {
      if (kind === WARNING_RECORD) job?.warning(text);
      else this.#log(LEVELS[kind] ?? "info", text);
    });
    this.#sayDropped(last);
    if (job === null) return;
    this.#drainProgress(job);
    this.#drainCounters(job);
  }

  #log(level: LogLevel, text: string): void {
    if (level === "error") this.#lastError = text;
    this.#host.log(level, text);
  }

  #sayDropped(last: boolean): void {
    this.#dropped += Atomics.exchange(this.#words, WORD.LOGS_DROPPED, 0);
    if (this.#dropped === 0) return;
    const now = performance.now();
    if (!last && now - this.#droppedSaidAt < DROPPED_NOTICE_MS) return;
    this.#host.log("warn", `${this.#dropped} log lines were dropped: it logs faster than its limit allows.`);
    this.#dropped = 0;
    this.#droppedSaidAt = now;
  }

  #drainProgress(job: JobCalls): void {
    const words = this.#words;
    const version = Atomics.load(words, WORD.PROGRESS_VERSION);
    if (version === this.#progressVersion || (version & 1) === 1) return;
    const fraction = this.#floats[WORD.PROGRESS_FRACTION] ?? 0;
    const message = this.#progress.toString("utf8", 0, words[WORD.PROGRESS_LENGTH] ?? 0);
    // Written again meanwhile: a later drain takes it whole.
    if (Atomics.load(words, WORD.PROGRESS_VERSION) !== version) return;
    this.#progressVersion = version;
    job.progress(Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction)), message);
  }

  #drainCounters(job: JobCalls): void {
    const bytes = this.#counters[COUNTER.BYTES] ?? 0;
    const items = this.#counters[COUNTER.ITEMS] ?? 0;
    if (bytes > this.#bytes) job.addBytes(BigInt(bytes - this.#bytes));
    if (items > this.#items) job.addItems(BigInt(items - this.#items));
    this.#bytes = bytes;
    this.#items = items;
  }
}
