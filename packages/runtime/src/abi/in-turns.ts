/** How long work holds the loop before others have a turn. */
const TURN_MS = 4;

/** Does work that would hold the loop for long in turns, of a few milliseconds each; its own steps must be shorter than that. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - since < TURN_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}
