/** Resolves once one of these has settled, or the time is over; leaves no timer behind. */
export async function within(ms: number, ...promises: readonly Promise<unknown>[]): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  try {
    await Promise.race([over.promise, Promise.allSettled([Promise.race(promises)])]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the promise becomes, or, where the signal aborts before, its reason. */
export function orAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener("abort", abort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", abort);
        reject(error);
      },
    );
  });
}
