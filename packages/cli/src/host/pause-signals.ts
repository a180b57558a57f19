import { EXIT } from "../exit-code.js";
import type { Terminal } from "../terminal/terminal.js";

/**
 * Calls `onPause` at the first Ctrl-C or SIGTERM; a second one ends the process at once, and what was running resumes from
 * its last checkpoint another time. Disposed, the signals are the platform's again.
 */
export function onPauseSignal(terminal: Terminal, onPause: () => void): Disposable {
  let asked = false;
  const listener = (): void => {
    if (asked) {
      terminal.setLiveLine(null);
      process.exit(EXIT.interrupted);
    }
    asked = true;
    onPause();
  };
  process.on("SIGINT", listener).on("SIGTERM", listener);
  return {
    [Symbol.dispose]() {
      process.off("SIGINT", listener).off("SIGTERM", listener);
    },
  };
}
