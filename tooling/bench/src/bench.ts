// `pnpm bench`: measures every figure and prints the table. docs/benchmarks.md says what they mean.
import { type BenchOptions, HELP, parseCommandLine } from "./command-line.ts";
import type { Figure } from "./figure.ts";
import { findFigures } from "./find-figures.ts";
import { describeMachine, formatMachine } from "./machine.ts";
import { measureFigure } from "./measure-figure.ts";
import { formatJson } from "./report/json.ts";
import { formatTable } from "./report/table.ts";
import type { Result } from "./result.ts";

process.exitCode = await bench(process.argv.slice(2));

async function bench(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseCommandLine(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const figures = await findFigures();
  if (options.help) {
    console.log(`${HELP}\n\nFigures:\n${figures.map(describe).join("\n")}`);
    return 0;
  }
  const chosen = figures.filter((figure) => isChosen(figure, options.only));
  if (chosen.length === 0) {
    console.error(`No figure is called ${options.only.join(" or ")}. There are: ${names(figures)}.`);
    return 2;
  }

  const machine = describeMachine();
  if (!options.json) console.log(`${formatMachine(machine)}\n`);
  const results: Result[] = [];
  let failures = 0;
  for (const figure of chosen) {
    try {
      results.push(await measureFigure(figure, { quick: options.quick, onRound: showRound(figure) }));
    } catch (error) {
      failures++;
      showProgress("");
      console.error(`${figure.name}: not measured. ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  showProgress("");
  console.log(options.json ? formatJson(machine, results) : formatTable(results));
  return failures === 0 ? 0 : 1;
}

function isChosen({ name, onRequest }: Figure, only: readonly string[]): boolean {
  return only.length === 0 ? onRequest === undefined : only.some((start) => name.startsWith(start));
}

function describe({ name, title, onRequest }: Figure): string {
  return `  ${name.padEnd(22)} ${title}${onRequest === undefined ? "" : ` (only on request: ${onRequest})`}`;
}

function names(figures: readonly Figure[]): string {
  return figures.map(({ name }) => name).join(", ");
}

function showRound(figure: Figure): (round: number, rounds: number) => void {
  return (round, rounds) => showProgress(`${figure.name}: round ${round} of ${rounds}`);
}

/** One line that is written over again; on a terminal only. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
