import type { Clock } from "./clock.js";

interface TimeLimitOptions<T> {
  /** `seal` says that the work is done and cannot be taken back: from then on it is waited for, however long. */
  readonly work: (seal: () => void) => Promise<T>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | null;
  readonly onGivenUp: (reason: Error) => void;
  /** Called once, before it settles. */
  readonly onSettled: () => void;
  readonly timeoutError: () => Error;
  readonly cancelError: () => Error;
  /** What `work` rejects with after it was given up: nobody waits for it any more. */
  readonly onLateFailure: (cause: unknown) => void;
}

/** Settles exactly once: with the work, at the limit, or when the signal aborts, whichever is first. */
export function settleWithin<T>(options: TimeLimitOptions<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let settled = false;
    // A clock may call back at once.
    let cancelTimer = (): void => {};
    const stopLimits = (): void => {
      cancelTimer();
      options.signal?.removeEventListener("abort", onAbort);
    };
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      stopLimits();
      options.onSettled();
      return true;
    };
    const giveUp = (error: Error): void => {
      if (!settle()) return;
      options.onGivenUp(error);
      reject(error);
    };
    const onAbort = (): void => giveUp(options.cancelError());
    cancelTimer = options.clock.after(options.timeoutMs, () => giveUp(options.timeoutError()));
    if (settled) cancelTimer();
    else options.signal?.addEventListener("abort", onAbort, { once: true });
    // The work may have begun before, and may have led to the abort itself: such a signal tells nobody any more.
    if (options.signal?.aborted === true) onAbort();
    options.work(stopLimits).then(
      (value) => {
        if (settle()) resolve(value);
      },
      (cause: unknown) => {
        if (settle()) reject(cause);
        else options.onLateFailure(cause);
      },
    );
  });
}
