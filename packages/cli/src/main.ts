import { runCommandLine } from "./command-line.js";
import { EXIT } from "./exit-code.js";
import { askToPause } from "./terminal/pause-signals.js";

// Whoever read the output went away (`sdx … | head`): nobody waits for the rest. A running job is paused first.
for (const stream of [process.stdout, process.stderr]) {
  let gone = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    if (!gone && !askToPause()) process.exit(EXIT.brokenPipe);
    gone = true;
  });
}

// Should the loop run dry before the command has ended, that is no success.
process.exitCode = EXIT.failed;
void runCommandLine(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
