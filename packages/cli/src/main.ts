import { runCommandLine } from "./command-line.js";
import { EXIT } from "./exit-code.js";
import { askToPause } from "./terminal/pause-signals.js";

// Whoever read the output went away (`sdx … | head`), or there is no room for it: nobody gets the rest. A running job is
// paused first.
for (const stream of [process.stdout, process.stderr]) {
  let gone = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (gone) return;
    gone = true;
    const left = error.code === "EPIPE";
    if (!left && stream === process.stdout)
      process.stderr.write(`sdx: what it prints cannot be written: ${error.message}\n`);
    if (!askToPause()) process.exit(left ? EXIT.brokenPipe : EXIT.failed);
  });
}

// Should the loop run dry before the command has ended, that is no success.
process.exitCode = EXIT.failed;
void runCommandLine(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
