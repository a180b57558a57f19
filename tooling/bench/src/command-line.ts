import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Names of figures, or the beginnings of names; empty: all. */
  readonly only: readonly string[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly help: boolean;
}

export const HELP = `Measures the host, and what lies under and beside it.

  pnpm bench [options]

  --only NAME   only the figures whose name begins with NAME (may be given several times)
  --json        one JSON document on stdout instead of the tables
  --quick       a hundredth of the work: shows that it runs, measures nothing
  --help        this text, and the names of the figures

"ours", "floor" and "peer" are medians, measured in turns in the same run. "ours / floor" is ours in floors: 2 is twice the
time, or twice the rate. "× better" is how many times better than the peer ours is. The engines that guests run on stand side by side in a table of their own
(--only engines). docs/benchmarks.md says what each figure means.`;

/** @throws TypeError on an unknown option. */
export function parseCommandLine(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    // pnpm hands on the "--" that stands before a script's own arguments.
    args: args.filter((arg) => arg !== "--"),
    options: {
      only: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return values;
}
