/** Time as an argument, so that tests can advance it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Milliseconds since some moment, whatever `now` is set to: by it waits keep their length when a clock is set back. Left out: then
   * only timers tell what time has passed meanwhile, and a wait can become longer.
   */
  monotonic?(): number;
  /** Calls `callback` once, `delayMs` from now; the returned function takes it back. Never keeps the process alive by itself. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A timer of Node's that is given more goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      timer =
        leftMs > LONGEST_TIMER_MS
          ? setTimeout(() => wait(leftMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
          : setTimeout(callback, leftMs);
      timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
