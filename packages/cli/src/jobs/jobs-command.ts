import { Command } from "commander";
import { dataDirOption } from "../host/host-options.js";
import type { Terminal } from "../terminal/terminal.js";
import type { JobAction, JobsOptions } from "./job-actions.js";

type SetExitCode = (code: number) => void;

export function jobsCommand(terminal: Terminal, setExitCode: SetExitCode): Command {
  const one = (name: JobAction, description: string): Command =>
    actionCommand(name, description, terminal, setExitCode);
  return new Command("jobs")
    .description("list, show, pause, resume, cancel and retry jobs")
    .addHelpText(
      "after",
      `
One process owns a data directory. Where one has it open, these reach it, and jobs run and go on there: Ctrl-C then ends
the watching (exit 130) and not the job.

Examples:
  sdx jobs ls
  sdx jobs resume 019a2f
  sdx jobs show 019a2f --json`,
    )
    .addCommand(listCommand(terminal))
    .addCommand(one("show", "show all that is known of a job, with a timeline of what it did"))
    .addCommand(one("pause", "stop a job at its next checkpoint, or keep one that waits from starting"))
    .addCommand(one("resume", "go on with a job from its last checkpoint, and follow it to its end"))
    .addCommand(one("cancel", "end a job for good"))
    .addCommand(one("retry", "start a failed job again from its last checkpoint, and follow it to its end"));
}

function listCommand(terminal: Terminal): Command {
  return new Command("ls")
    .description("list the jobs of every library, newest first")
    .addOption(dataDirOption())
    .option("--json", "print a JSON array")
    .addHelpText("after", "\nExamples:\n  sdx jobs ls\n  sdx jobs ls --json --data-dir ./data")
    .action(async (options: JobsOptions) => {
      const { listJobs } = await import("./job-actions.js");
      await listJobs(options, terminal);
    });
}

function actionCommand(name: JobAction, description: string, terminal: Terminal, setExitCode: SetExitCode): Command {
  return new Command(name)
    .argument("<id>", "the job's id, or the start of it")
    .description(description)
    .addOption(dataDirOption())
    .option("--json", "print JSON")
    .addHelpText("after", `\nExamples:\n  sdx jobs ${name} 019a2f\n  sdx jobs ${name} 019a2f --json`)
    .action(async (id: string, options: JobsOptions) => {
      const { actOnJob } = await import("./job-actions.js");
      setExitCode(await actOnJob(name, id, options, terminal));
    });
}
