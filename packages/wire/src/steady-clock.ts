import { type Clock, systemClock } from "./clock.js";
import { logFailure } from "./log-failure.js";
import type { Logger } from "./logger.js";
import { OccasionalLine } from "./occasional-line.js";

/**
 * The integrator's clock, which neither throws nor answers what is no time from here on: where it does, the system's takes its place for
 * that once, so that a call still settles and an unload still comes to its end.
 */
export function steadyClock(clock: Clock, logger: Logger): Clock {
  const faults = new OccasionalLine();
  const steadily = <T>(what: string, ask: () => T, instead: () => T): T => {
    try {
      return ask();
    } catch (error) {
      const line = faults.say(`the host's clock failed (${what}), and the system's is used instead`);
      if (line !== null) logFailure(logger, "error", {}, error, line);
      return instead();
    }
  };
  const steady: Clock = {
    now: () =>
      steadily(
        "now",
        () => time(clock.now()),
        () => systemClock.now(),
      ),
    after(delayMs, callback) {
      const cancel = steadily(
        "after",
        () => clock.after(delayMs, callback),
        () => systemClock.after(delayMs, callback),
      );
      return () => steadily("taking a timer back", cancel, () => {});
    },
  };
  return clock.monotonic === undefined
    ? steady
    : {
        ...steady,
        monotonic: () =>
          steadily(
            "monotonic",
            () => time(clock.monotonic?.()),
            () => steady.now(),
          ),
      };
}

/** What is reckoned with `NaN` stays `NaN`: a bucket of tokens would never have one again. */
function time(answer: unknown): number {
  if (typeof answer === "number" && Number.isFinite(answer)) return answer;
  throw new TypeError(`It answered ${String(answer)}.`);
}
