import fc from "fast-check";
import { expect, test } from "vitest";
import { type Case, fuzzCase } from "./exactly-once/arbitraries.js";
import { changedCase, faultsOfChanged } from "./exactly-once/changed-code.js";
import { CutRun } from "./exactly-once/cut-run.js";
import { emptyDisk } from "./exactly-once/empty-disk.js";
import type { FuzzHost } from "./exactly-once/fuzz-host.js";
import { faultsOf } from "./exactly-once/verdict.js";
import { caseFolder } from "./exactly-once/world.js";

/*
 * Programs and cuts at random, against a reference that nobody disturbs. Without these variables it runs for some seconds.
 *
 *   EXACTLY_ONCE_RUNS   how many cases, however long they take
 *   EXACTLY_ONCE_SEED, EXACTLY_ONCE_PATH   which: those that a failure names
 */
const { EXACTLY_ONCE_RUNS: RUNS, EXACTLY_ONCE_SEED: SEED, EXACTLY_ONCE_PATH: PATH } = process.env;

type Judge = (run: CutRun, host: FuzzHost) => Promise<string[]>;

/** With what happened in it, where there are any. */
async function faultsIn(given: Case, judge: Judge): Promise<string[]> {
  await using folder = await caseFolder();
  const run = new CutRun(given);
  const host = await run.run(await emptyDisk(), folder);
  const faults = await judge(run, host);
  await host.close();
  await run.buried();
  return faults.length === 0 ? [] : [...faults, "It went so:", ...run.trail];
}

async function expectNoFaults(cases: fc.Arbitrary<Case>, judge: Judge, timeLimitMs: number): Promise<void> {
  const property = fc.asyncProperty(cases, async (given) => {
    expect(await faultsIn(given, judge)).toEqual([]);
  });
  await fc.assert(property, {
    ...(RUNS === undefined ? { numRuns: 300, interruptAfterTimeLimit: timeLimitMs } : { numRuns: Number(RUNS) }),
    ...(SEED === undefined ? {} : { seed: Number(SEED) }),
    ...(PATH === undefined ? {} : { path: PATH }),
  });
}

test("a job that is cut anywhere leaves what it would have left undisturbed", async () => {
  await expectNoFaults(fuzzCase, faultsOf, 12_000);
}, 86_400_000);

test("a job whose code changes makes no recorded effect twice, and loses none", async () => {
  await expectNoFaults(changedCase, faultsOfChanged, 5_000);
}, 86_400_000);
