import { Command, Option } from "commander";
import { dataDirOption, libraryOption } from "../host/host-options.js";
import { repeatable } from "../repeatable-option.js";
import type { Terminal } from "../terminal/terminal.js";
import type { RunOptions } from "./run-job.js";

export function runCommand(terminal: Terminal, setExitCode: (code: number) => void): Command {
  return new Command("run")
    .argument("<extension-dir>", "the extension's folder; AssemblyScript sources that are newer are built first")
    .argument("[job]", "name of the job; may be left out where there is only one")
    .description("run a job of an extension on a library")
    .option("--state <json>", "the job's first state: JSON, or @file")
    .addOption(dataDirOption())
    .addOption(libraryOption())
    .addOption(
      new Option(
        "--location <dir...>",
        "add and index a folder; the last becomes the state's location_id where it has one",
      ).argParser(repeatable),
    )
    .addOption(new Option("--grant <pattern...>", "grant only this, such as vdfs. or ai.ocr").argParser(repeatable))
    .option("-y, --yes", "grant what the manifest asks, without a question")
    .option("--json", "print a JSON object per update, and the result as the last one")
    .addHelpText(
      "after",
      `
Ctrl-C pauses the job at a checkpoint; sdx jobs resume <id> goes on. A second Ctrl-C stops at once.
Meanwhile sdx jobs and sdx call reach it from elsewhere. A data directory that another process has open is refused.
On a terminal you are asked once whether an extension gets what its manifest asks; in a script, naming its folder is
the consent.

Exit codes: 0 completed, 1 failed, 2 not understood, 3 cancelled, 4 paused.

Examples:
  sdx run extensions/word-count count --location ~/notes
  sdx run . counter --state '{"target": 100}' --json
  sdx run . counter --state @state.json --grant test. --data-dir ./data`,
    )
    .action(async (dir: string, job: string | undefined, options: RunOptions) => {
      const { runJob } = await import("./run-job.js");
      setExitCode(await runJob(dir, job, options, terminal));
    });
}
