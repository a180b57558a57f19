import type { Logger } from "@spacedrive/wire";

/**
 * The integrator's logger, which neither throws nor rejects from here on: a disk of logs that is full keeps no call from settling
 * and no load or unload from coming to its end.
 */
export function steadyLogger(logger: Logger): Logger {
  const steady =
    (level: keyof Logger) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      steadily(
        () => logger[level](fields, message),
        () => {},
      );
  return { debug: steady("debug"), info: steady("info"), warn: steady("warn"), error: steady("error") };
}

/** Runs code of the integrator's, whose fault is its own; also where it is asynchronous. */
export function steadily(work: () => unknown, onFault: (thrown: unknown) => void): void {
  try {
    const done = work();
    if (done instanceof Promise) void done.catch(onFault);
  } catch (thrown) {
    onFault(thrown);
  }
}
