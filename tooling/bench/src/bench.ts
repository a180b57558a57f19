// `pnpm bench`: measures every figure and prints the table. docs/benchmarks.md says what they mean.
import { type BenchOptions, HELP, parseCommandLine } from "./command-line.ts";
import type { Measurable } from "./figure.ts";
import { findLines } from "./find-lines.ts";
import { describeMachine, formatMachine } from "./machine.ts";
import { measureComparison } from "./measure-comparison.ts";
import { measureFigure } from "./measure-figure.ts";
import { formatEnginesTable } from "./report/engines-table.ts";
import { formatJson } from "./report/json.ts";
import { formatTable } from "./report/table.ts";
import type { MeasureOptions } from "./take-samples.ts";

process.exitCode = await bench(process.argv.slice(2));

async function bench(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseCommandLine(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const lines = await findLines();
  const all: readonly Measurable[] = [...lines.figures, ...lines.comparisons];
  if (options.help) {
    console.log(`${HELP}\n\nFigures:\n${all.map(describe).join("\n")}`);
    return 0;
  }
  const chosen = (line: Measurable): boolean => isChosen(line, options.only);
  if (!all.some(chosen)) {
    console.error(`No figure is called ${options.only.join(" or ")}. There are: ${names(all)}.`);
    return 2;
  }

  const machine = describeMachine();
  if (!options.json) console.log(`${formatMachine(machine)}\n`);
  let failures = 0;
  /** What could be measured of them. */
  const measureAll = async <Line extends Measurable, Measured>(
    some: readonly Line[],
    measure: (line: Line, how: MeasureOptions) => Promise<Measured>,
  ): Promise<Measured[]> => {
    const measured: Measured[] = [];
    for (const line of some) {
      try {
        measured.push(await measure(line, { quick: options.quick, onRound: showRound(line) }));
      } catch (error) {
        failures++;
        showProgress("");
        console.error(`${line.name}: not measured. ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return measured;
  };
  const results = await measureAll(lines.figures.filter(chosen), measureFigure);
  const engines = await measureAll(lines.comparisons.filter(chosen), measureComparison);
  showProgress("");
  if (options.json) console.log(formatJson(machine, results, engines));
  else {
    const tables = [
      ...(results.length > 0 ? [formatTable(results)] : []),
      ...(engines.length > 0 ? [formatEnginesTable(engines)] : []),
    ];
    console.log(tables.join("\n\n"));
  }
  return failures === 0 ? 0 : 1;
}

function isChosen({ name, onRequest }: Measurable, only: readonly string[]): boolean {
  return only.length === 0 ? onRequest === undefined : only.some((start) => name.startsWith(start));
}

function describe({ name, title, onRequest }: Measurable): string {
  return `  ${name.padEnd(23)} ${title}${onRequest === undefined ? "" : ` (only on request: ${onRequest})`}`;
}

function names(lines: readonly Measurable[]): string {
  return lines.map(({ name }) => name).join(", ");
}

function showRound(line: Measurable): (round: number, rounds: number) => void {
  return (round, rounds) => showProgress(`${line.name}: round ${round} of ${rounds}`);
}

/** One line that is written over again; on a terminal only. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
