import type { HostCalls, JobCalls, LogLevel } from "../guest.js";
import { COUNTER, COUNTERS_OFFSET, WORD } from "./channel-layout.js";
import { ProgressReader } from "./progress.js";
import { RingReader, WARNING_RECORD } from "./ring.js";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
/** Whether the guest may be running, waits for the host, has come to the end of its call, or is being stopped, running or not. */
export type GuestMoment = "running" | "waiting" | "ended" | "stopped";

/** How often a flood is said. */
const DROPPED_NOTICE_MS = 1_000;

/** What a guest says without waiting for an answer: log lines, warnings, progress, counters, signs of life. */
export class GuestSignals {
  readonly #words: Int32Array;
  readonly #counters: Float64Array;
  readonly #progress: ProgressReader;
  readonly #ring: RingReader;
  readonly #host: HostCalls;
  #bytes = 0;
  #items = 0;
  #heartbeat = 0;
  #dropped = 0;
  #droppedSaidAt = 0;
  #lastError: string | null = null;

  constructor(words: Int32Array, shared: SharedArrayBuffer, host: HostCalls) {
    this.#words = words;
    this.#counters = new Float64Array(shared, COUNTERS_OFFSET, 2);
    this.#progress = new ProgressReader(words, shared);
    this.#ring = new RingReader(words, shared);
    this.#host = host;
  }

  /** Forgets what was said before this instance: the thread may have run another, and has run one to warm up. */
  reset(): void {
    const words = this.#words;
    this.#ring.drain(() => {});
    this.#progress.reset();
    this.#counters.fill(0);
    words[WORD.INTERRUPT] = 0;
    words[WORD.INTERRUPT_SEEN] = 0;
    words[WORD.LOGS_DROPPED] = 0;
  }

  /** The last line that was logged as an error since the call began. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** A new call begins: what was logged before it does not explain how it ends. */
  beginCall(): void {
    this.#lastError = null;
  }

  /** True where a host function was called since this was asked last. */
  showsLife(): boolean {
    const heartbeat = Atomics.load(this.#words, WORD.HEARTBEAT);
    const shows = heartbeat !== this.#heartbeat;
    this.#heartbeat = heartbeat;
    return shows;
  }

  /** Hands on all that was said until now, in this order: lines, progress, counters. */
  drain(job: JobCalls | null, moment: GuestMoment): void {
    this.#ring.drain((kind, text) => {
      if (kind === WARNING_RECORD) job?.warning(text);
      else this.#log(LEVELS[kind] ?? "info", text);
    });
    this.#sayDropped(moment === "ended" || moment === "stopped");
    if (job === null) return;
    const report = (fraction: number, message: string): void => job.progress(fraction, message);
    if (moment === "running" || moment === "stopped") this.#progress.glance(report);
    else this.#progress.take(report);
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

  #drainCounters(job: JobCalls): void {
    const bytes = this.#counters[COUNTER.BYTES] ?? 0;
    const items = this.#counters[COUNTER.ITEMS] ?? 0;
    if (bytes > this.#bytes) job.addBytes(BigInt(bytes - this.#bytes));
    if (items > this.#items) job.addItems(BigInt(items - this.#items));
    this.#bytes = bytes;
    this.#items = items;
  }
}
