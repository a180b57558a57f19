import { EXIT, runCommandLine } from "./command-line.js";

/** What an adapter may still hold open once the report is written: a server, a timer. Then the process ends all the same. */
const LEFT_OPEN_MS = 3_000;

let ended = false;

// An adapter runs in this process: where it ends it, or waits for what never comes, nothing is proved.
process.on("exit", (code) => {
  if (ended || (code !== 0 && code !== undefined)) return;
  process.exitCode = EXIT.usage;
  process.stderr.write(
    "abi-kit: it ended before its report did. Does the adapter end the process, or wait for what never comes?\n",
  );
});
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  const proved = ended;
  ended = true;
  // Whoever read has seen enough, `abi-kit list | head`; what was not run to its end has not passed.
  if (error.code === "EPIPE") process.exit(proved ? undefined : EXIT.failed);
  process.stderr.write(`abi-kit: the report could not be written: ${error.message}\n`);
  process.exit(EXIT.usage);
});
// There is nobody left to tell.
process.stderr.on("error", () => {});

void runCommandLine(process.argv.slice(2)).then((code) => {
  ended = true;
  process.exitCode = code;
  setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
});
