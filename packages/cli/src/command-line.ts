import { isSpacedriveError } from "@spacedrive/wire";
import { Command, CommanderError } from "commander";
import { buildCommand } from "./compile/build-command.js";
import { callCommand } from "./call/call-command.js";
import { checkCommand } from "./check/check-command.js";
import { createCommand } from "./create/create-command.js";
import { EXIT } from "./exit-code.js";
import { envelopeText } from "./error-envelope.js";
import { inspectCommand } from "./inspect/inspect-command.js";
import { jobsCommand } from "./jobs/jobs-command.js";
import { readOwnPackage } from "./own-package.js";
import { spreadRepeatedValues } from "./repeatable-option.js";
import { runCommand } from "./run/run-command.js";
import { printable } from "./terminal/printable.js";
import { processTerminal, type Terminal } from "./terminal/terminal.js";

/**
 * Runs one command line (without the program's name) on this process's streams.
 *
 * @returns The exit code: 0 done, 1 failed, 2 not understood, 3 cancelled, 4 paused.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  let exitCode: number = EXIT.ok;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(spreadForCommand(program, args), { from: "user" });
    return exitCode;
  } catch (thrown) {
    return explain(thrown, args, program, terminal);
  }
}

function createProgram(terminal: Terminal, setExitCode: (code: number) => void): Command {
  const program = new Command("sdx")
    .description("Create, build, check, run and inspect extensions.")
    .version(readOwnPackage().version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .addHelpText(
      "after",
      '\nExamples:\n  sdx create hello\n  sdx run extensions/word-count count --location ~/notes\n  sdx call query:test.ping.v1 \'{"message":"hi"}\'\n\nExit codes: 0 done, 1 failed, 2 not understood, 3 cancelled, 4 paused, 130 interrupted.',
    );
  program.addCommand(createCommand(terminal));
  program.addCommand(buildCommand(terminal));
  program.addCommand(checkCommand(terminal, setExitCode));
  program.addCommand(inspectCommand(terminal));
  program.addCommand(runCommand(terminal, setExitCode));
  program.addCommand(callCommand(terminal, setExitCode));
  program.addCommand(jobsCommand(terminal, setExitCode));
  return configure(program);
}

/** Commander prints usage errors itself, and ends nothing. */
function configure(command: Command): Command {
  command.exitOverride().configureOutput({
    outputError: (text, write) => write(`sdx: ${text.replace(/^error: /, "")}`),
  });
  for (const subcommand of command.commands) configure(subcommand);
  return command;
}

function spreadForCommand(program: Command, args: readonly string[]): string[] {
  const command = program.commands.find((candidate) => candidate.name() === args[0]);
  return command === undefined ? [...args] : [args[0] ?? "", ...spreadRepeatedValues(args.slice(1), command)];
}

/** `sdx jobs show`, of the names that such a command line begins with. */
function namesIn([first, ...rest]: readonly string[], command: Command): string[] {
  const subcommand = command.commands.find((candidate) => candidate.name() === first);
  return [command.name(), ...(subcommand === undefined ? [] : namesIn(rest, subcommand))];
}

function explain(thrown: unknown, args: readonly string[], program: Command, terminal: Terminal): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT.ok;
    if (thrown.code === "sdx.usage") terminal.note(`sdx: ${printable(thrown.message)}`);
    if (thrown.code !== "commander.help") terminal.note(`Try: ${[...namesIn(args, program), "--help"].join(" ")}`);
    return EXIT.usage;
  }
  if (args.includes("--json")) {
    terminal.note(envelopeText(thrown));
    return EXIT.failed;
  }
  const { errColors } = terminal;
  if (isSpacedriveError(thrown)) {
    terminal.note(`${errColors.red("sdx:")} ${printable(thrown.message)} ${errColors.dim(`(${thrown.code})`)}`);
  } else {
    terminal.note(
      `${errColors.red("sdx:")} ${thrown instanceof Error ? printable(thrown.stack ?? thrown.message) : String(thrown)}`,
    );
  }
  return EXIT.failed;
}
