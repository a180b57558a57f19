import { runCommandLine } from "./command-line.js";
import { EXIT } from "./exit-code.js";

// Whoever read the output has enough (`sdx … | head`): not a fault, but nothing more to do either.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.brokenPipe);
    throw error;
  });
}

void runCommandLine(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
