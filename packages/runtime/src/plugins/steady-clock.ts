import { type Clock, type Logger, systemClock } from "@spacedrive/wire";
import { OccasionalLine } from "../guest/occasional-line.js";

/**
 * The integrator's clock, which does not throw from here on: where it does, the system's takes its place for that once, so that a call
 * still settles and an unload still comes to its end.
 */
export function steadyClock(clock: Clock, logger: Logger): Clock {
  const faults = new OccasionalLine();
  const steadily = <T>(what: string, ask: () => T, instead: () => T): T => {
    try {
      return ask();
    } catch (error) {
      const line = faults.say(`the host's clock failed (${what}), and the system's is used instead`);
      if (line !== null) logger.error({ err: error }, line);
      return instead();
    }
  };
  const steady: Clock = {
    now: () =>
      steadily(
        "now",
        () => clock.now(),
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
            () => clock.monotonic?.() ?? clock.now(),
            () => steady.now(),
          ),
      };
}
