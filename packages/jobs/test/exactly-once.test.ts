import fc from "fast-check";
import { expect, test } from "vitest";
import { type Case, fuzzCase } from "./exactly-once/arbitraries.js";
import { CutRun } from "./exactly-once/cut-run.js";
import { emptyDisk } from "./exactly-once/empty-disk.js";
import { faultsOf } from "./exactly-once/verdict.js";
import { caseFolder } from "./exactly-once/world.js";

/*
 * Programs and cuts at random, against a reference that nobody disturbs. Without these variables it runs for some seconds.
 *
 *   EXACTLY_ONCE_RUNS   how many cases, however long they take
 *   EXACTLY_ONCE_SEED, EXACTLY_ONCE_PATH   which: those that a failure names
 */
const { EXACTLY_ONCE_RUNS: RUNS, EXACTLY_ONCE_SEED: SEED, EXACTLY_ONCE_PATH: PATH } = process.env;
const TIME_LIMIT_MS = 15_000;

/** With what happened in it, where there are any. */
async function faultsOfCase(given: Case): Promise<string[]> {
  await using folder = await caseFolder();
  const run = new CutRun(given);
  const host = await run.run(await emptyDisk(), folder);
  const faults = await faultsOf(run, host);
  await host.close();
  await run.buried();
  return faults.length === 0 ? [] : [...faults, "It went so:", ...run.trail];
}

test("a job that is cut anywhere leaves what it would have left undisturbed", async () => {
  await fc.assert(
    fc.asyncProperty(fuzzCase, async (given) => {
      expect(await faultsOfCase(given)).toEqual([]);
    }),
    {
      ...(RUNS === undefined ? { numRuns: 400, interruptAfterTimeLimit: TIME_LIMIT_MS } : { numRuns: Number(RUNS) }),
      ...(SEED === undefined ? {} : { seed: Number(SEED) }),
      ...(PATH === undefined ? {} : { path: PATH }),
    },
  );
}, 86_400_000);
