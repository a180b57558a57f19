import fc from "fast-check";
import { expect, test } from "vitest";
import { JobModel } from "./model/job-model.js";
import { ModelHost, openFiles, openMemory } from "./model/model-host.js";
import { ModelStep, modelSteps } from "./model/model-step.js";

// More, or one again: MODEL_RUNS=5000 MODEL_SEED=-123.
const numRuns = Number(process.env["MODEL_RUNS"] ?? 100);
const seed = process.env["MODEL_SEED"];
const LIMIT_MS = 60_000 + numRuns * 1_000;

/** A family and a stranger: with fewer jobs there is little to be ordered. */
const FIRST_STEPS = [
  { parent: null, priority: 0 },
  { parent: 0, priority: 0 },
  { parent: null, priority: 1 },
].map((given) => new ModelStep({ do: "dispatch", ...given, resumed: false }));

test.each([
  { place: "in memory", open: openMemory, kill: false },
  { place: "in a database, whose host is killed now and then", open: openFiles, kill: true },
])(
  "whatever is ordered, and whatever jobs do, each is where the reference model says, $place",
  { timeout: LIMIT_MS },
  async ({ open, kill }) => {
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(fc.commands(modelSteps({ kill }), { maxCommands: 60, size: "max" }), async (commands) => {
        await using host = await ModelHost.open(await open());
        const model = new JobModel();
        for (const step of FIRST_STEPS) await step.run(model, host);
        await fc.asyncModelRun(() => ({ model, real: host }), commands);
        steps += [...commands].length;
      }),
      { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
    expect(steps).toBeGreaterThan(numRuns);
  },
);
