import type { Clock } from "@spacedrive/wire";

export interface StallWatchOptions {
  readonly clock: Clock;
  /** For how long nobody may have gone on. */
  readonly stallMs: number;
  /** Milliseconds since when nobody who is waited for goes on; 0: somebody does. */
  readonly stalledMs: () => number;
  /** Called while it is started, once for each `stallMs` for which nobody has gone on. */
  readonly onStall: () => void;
}

/**
 * Looks, while calls wait for instances, whether any of these can go on. Where each waits for the host, it may be for what one of
 * the calls behind it does: by way of a job, a worker or another process, through which no chain of calls can be followed.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  #cancelTimer: (() => void) | null = null;

  constructor(options: StallWatchOptions) {
    this.#options = options;
  }

  /** Somebody waits. Twice is harmless. */
  start(): void {
    if (this.#cancelTimer === null) this.#lookIn(this.#options.stallMs);
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #lookIn(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    const { stallMs, stalledMs, onStall } = this.#options;
    const leftMs = stallMs - stalledMs();
    this.#lookIn(leftMs > 0 ? leftMs : stallMs);
    if (leftMs <= 0) onStall();
  }
}
