/** How long a log line or progress of a guest that makes no call may wait before the host shows it. */
const TICK_MS = 50;

/** Called about every 50 ms while it is watched. */
export interface Ticking {
  tick(): void;
  /** Another has work now, beside this one that was alone with its own. */
  joined(): void;
}

/** One timer for all guests that run: they are watched between the begin and the end of a call, and a tick costs each next to nothing. */
export class Ticker {
  readonly #watched = new Set<Ticking>();
  #timer: NodeJS.Timeout | null = null;

  /** How many have work now. */
  get watched(): number {
    return this.#watched.size;
  }

  watch(guest: Ticking): void {
    if (this.#watched.size === 1) for (const first of this.#watched) first.joined();
    this.#watched.add(guest);
    // Started here and stopped by a tick that finds nothing to do, so that short calls do not pay for a timer each.
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  unwatch(guest: Ticking): void {
    this.#watched.delete(guest);
  }

  close(): void {
    this.#watched.clear();
    this.#tick();
  }

  #tick(): void {
    for (const guest of this.#watched) guest.tick();
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
