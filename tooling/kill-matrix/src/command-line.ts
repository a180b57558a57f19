import { Command, InvalidArgumentError, Option } from "commander";
import type { Cut } from "./host/store-cuts.ts";
import { DEFAULT_OPTIONS, type MatrixOptions } from "./matrix-options.ts";

const HELP = `
Every run happens in processes of their own, on data directories of their own in the system's temporary folder. After each
kill the databases must be whole, and all that was acknowledged must be there; at the end the library must equal that of
a run that nobody interrupted.

A run that fails is printed with the options that repeat it. A cut is at the same place again. A round is killed at the same
shares of the time that a run takes; what it does just then is the machine's affair, so repeat it some times.
docs/jobs.md has more.

Examples:
  pnpm kill-matrix                                   what npm test does, with a seed of its own
  pnpm kill-matrix --seed 7 --kills 1000 --files 300
  pnpm kill-matrix --only every --cut-files 60
  pnpm kill-matrix --seed 7 --cut "library.db commit 17 before" --keep
  pnpm kill-matrix --seed 7 --files 300 --round 12

Exit codes: 0 nothing was lost or doubled, 1 something was, 2 not understood, 130 interrupted by Ctrl-C.`;

/**
 * The options of one command line, or the exit code where it is answered already.
 *
 * @param newSeed the seed where none is given.
 */
export function parseCommandLine(args: readonly string[], newSeed: number): MatrixOptions | number {
  const { kills, files, cutFiles, atOnce } = DEFAULT_OPTIONS;
  const program = new Command("pnpm kill-matrix")
    .description(
      "Kills word-count before and after each operation of its stores and at random moments, and compares what is left.",
    )
    .option("--seed <number>", "decides on the folders and on the random moments (default: a new one)", wholeNumber(0))
    .option("--kills <number>", "kills at random moments, at least", wholeNumber(0), kills)
    .option("--files <number>", "files of the run that is killed at random moments", wholeNumber(4), files)
    .option("--cut-files <number>", "files of the run that is cut at every operation", wholeNumber(4), cutFiles)
    .option("--at-once <number>", "processes at a time", wholeNumber(1), atOnce)
    .addOption(new Option("--only <part>", "one of the two parts").choices(["every", "random"]))
    .option("--cut <place>", 'only this cut, such as "library.db commit 17 before"', parseCut)
    .option("--round <number>", "only this round of kills at random moments", wholeNumber(1))
    .option("--keep", "keep what a failed run has left, and say where")
    .addHelpText("after", HELP)
    .exitOverride();
  try {
    // pnpm hands on the "--" that stands before a script's own arguments.
    program.parse(
      args.filter((arg) => arg !== "--"),
      { from: "user" },
    );
  } catch (error) {
    // Commander has printed what there is to say.
    return error instanceof Error && "exitCode" in error && error.exitCode === 0 ? 0 : 2;
  }
  const { only, seed, cut, round, keep, ...rest } = program.opts<ParsedOptions>();
  const part = cut === undefined ? (round === undefined ? only : "random") : "every";
  const parts = part === undefined ? DEFAULT_OPTIONS.parts : [part];
  return { ...rest, seed: seed ?? newSeed, parts, cut: cut ?? null, round: round ?? null, keep: keep ?? false };
}

/** Proof: these are the options above, with their parsers and defaults. */
interface ParsedOptions extends Pick<MatrixOptions, "kills" | "files" | "cutFiles" | "atOnce"> {
  readonly keep?: boolean;
  readonly seed?: number;
  readonly only?: "every" | "random";
  readonly cut?: Cut;
  readonly round?: number;
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^[0-9]+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
  };
}

function parseCut(text: string): Cut {
  const [, place, which, moment] = /^(\S+ \S+) ([1-9][0-9]*) (before|after)$/.exec(text) ?? [];
  if (place !== undefined && (moment === "before" || moment === "after"))
    return { place, which: Number(which), moment };
  throw new InvalidArgumentError('It must be like "library.db commit 17 before".');
}
