import type { Terminal } from "./terminal.js";

/** 128 + SIGINT. */
const INTERRUPTED = 130;

/** What is to be paused just now; one command follows one thing at a time. */
let pausable: { asked: boolean; readonly onPause: () => void } | null = null;

/**
 * Calls `onPause` at the first Ctrl-C or SIGTERM; a second one ends the process at once, and what was running resumes from
 * its last checkpoint another time. Disposed, the signals are the platform's again.
 */
export function onPauseSignal(terminal: Terminal, onPause: () => void): Disposable {
  pausable = { asked: false, onPause };
  const listener = (): void => {
    if (pausable?.asked === true) {
      terminal.setLiveLine(null);
      process.exit(INTERRUPTED);
    }
    askToPause();
  };
  process.on("SIGINT", listener).on("SIGTERM", listener);
  return {
    [Symbol.dispose]() {
      process.off("SIGINT", listener).off("SIGTERM", listener);
      pausable = null;
    },
  };
}

/** Pauses what runs, as a first Ctrl-C does; false where nothing does. */
export function askToPause(): boolean {
  if (pausable === null) return false;
  if (!pausable.asked) {
    pausable.asked = true;
    pausable.onPause();
  }
  return true;
}
