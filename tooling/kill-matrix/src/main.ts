// `pnpm kill-matrix`
import { randomInt } from "node:crypto";
import { parseCommandLine } from "./command-line.ts";
import { describeFailure, describeReport } from "./describe-report.ts";
import { runMatrix } from "./matrix.ts";
import type { MatrixOptions } from "./matrix-options.ts";
import type { MatrixProgress } from "./matrix-report.ts";

/** What was shown last of the progress, where a line is not written over. */
let shown = "";

const parsed = parseCommandLine(process.argv.slice(2), randomInt(1_000_000));
process.exitCode = typeof parsed === "number" ? parsed : await main(parsed).catch(explain);

async function main(options: MatrixOptions): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => {
    // A second one ends the process as ever.
    stop.abort();
    say("Stopping: the processes are ended and their files removed.");
  });
  say(`Seed ${options.seed}`);
  const began = performance.now();
  const report = await runMatrix(options, {
    signal: stop.signal,
    onProgress: showProgress,
    onFailure: (failure) => say(describeFailure(failure)),
  });
  clear();
  if (stop.signal.aborted) console.log("Stopped. Until then:");
  console.log(describeReport(report, (performance.now() - began) / 1_000));
  if (report.failures.length > 0) return 1;
  return stop.signal.aborted ? 130 : 0;
}

/** Even a run that nobody interrupted went wrong: there is nothing to compare with. */
function explain(error: unknown): number {
  say(error instanceof Error ? error.message : String(error));
  return 1;
}

/** One line that is written over again on a terminal; elsewhere a line for each tenth. */
function showProgress({ part, done, of, failures }: MatrixProgress): void {
  const line = `${part}: ${done} of ${of}${failures === 0 ? "" : `, ${failures} failed`}`;
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${line}`);
    return;
  }
  const tenth = `${part} ${Math.floor((done / of) * 10)}`;
  if (tenth !== shown) console.error(line);
  shown = tenth;
}

function say(line: string): void {
  clear();
  console.error(line);
}

function clear(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}
