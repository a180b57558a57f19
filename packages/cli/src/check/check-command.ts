import { Command } from "commander";
import { EXIT } from "../exit-code.js";
import { printable } from "../terminal/printable.js";
import { formatCount } from "../terminal/quantity.js";
import type { Terminal } from "../terminal/terminal.js";

export function checkCommand(terminal: Terminal, setExitCode: (code: number) => void): Command {
  return new Command("check")
    .argument("[dir]", "the extension's folder", ".")
    .description("find everything that would keep a built extension from being loaded")
    .option("--json", "print a JSON array of problems")
    .addHelpText(
      "after",
      "\nExit code 0 where nothing is wrong, else 1.\n\nExamples:\n  sdx check\n  sdx check extensions/word-count --json",
    )
    .action(async (dir: string, options: { json?: boolean }) => {
      const { checkExtension } = await import("./check-extension.js");
      const problems = await checkExtension(dir);
      if (problems.length > 0) setExitCode(EXIT.failed);
      if (options.json === true) {
        terminal.print(JSON.stringify(problems));
        return;
      }
      for (const { path, message } of problems) {
        terminal.print(`${terminal.outColors.bold(printable(path))}: ${printable(message)}`);
      }
      if (problems.length === 0) terminal.note(`${terminal.errColors.green("✓")} Nothing is wrong.`);
      else terminal.note(formatCount(problems.length, "problem"));
    });
}
