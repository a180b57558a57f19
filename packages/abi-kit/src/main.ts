import { runCommandLine } from "./command-line.js";

// Should the loop run dry before the command has ended, that is no success.
process.exitCode = 1;
// Whoever read has seen enough: `abi-kit list | head`.
process.stdout.on("error", () => process.exit());
void runCommandLine(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
