import { createLibraryId, SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { type JobOutcome, MemoryJobStore } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { ManualClock } from "./manual-clock.js";
import { INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";

const HOUR = 3_600_000;
const SLEEPS: JobOutcome = { kind: "suspended", state: "7", until: { afterMs: 5_000 } };
const TRAPPED: JobOutcome = { kind: "failed", error: new SpacedriveError("GUEST_TRAPPED", "unreachable") };

test.each([
  { what: "sleep", outcome: SLEEPS },
  { what: "wait for its next attempt", outcome: TRAPPED },
])("a job's $what keeps its length where the clock jumped on for a while, and its host ended", async ({ outcome }) => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const clock = new ManualClock();
  const first = await openJobHost({ store, library, clock });
  const script = new ScriptedJob();
  first.manager.register("test.job", script);
  const { id } = await first.manager.dispatch("test.job", 0, { library });
  const attempt = await script.next();
  // An hour wrong, and right again: the host's own time stays where it was.
  clock.set(HOUR);
  first.manager.register("test.other", new ScriptedJob());
  await first.manager.dispatch("test.other", 0, { library });
  clock.set(-HOUR);
  attempt.end(outcome);
  await settled();
  await first[Symbol.asyncDispose]();

  await using second = await openJobHost({ store, library, clock });
  const again = new ScriptedJob();
  second.manager.register("test.job", again);
  await settled();
  expect(again.begun).toBe(0);
  clock.advance(5_000);
  expect((await again.next()).context.id).toBe(id);
});

test("a job's deadline is not put off by a clock that was set back while no host ran", async () => {
  const [store, library] = [new MemoryJobStore(), createLibraryId()];
  const clock = new ManualClock();
  clock.set(HOUR);
  const first = await openJobHost({ store, library, clock });
  const script = new ScriptedJob();
  first.manager.register("test.job", script);
  const { id } = await first.manager.dispatch("test.job", 0, { library, deadlineMs: 90_000 });
  const pausing = first.manager.pause(id);
  (await script.next()).end(INTERRUPTED);
  await pausing;
  await first[Symbol.asyncDispose]();
  clock.set(-HOUR);
  await using second = await openJobHost({ store, library, clock });
  for (let passed = 0; passed < 90_000; passed += 30_000) {
    await settled();
    clock.advance(30_000);
  }
  const job = await second.manager.get(id);
  expect(await job.done()).toMatchObject({ status: "failed", error: { code: "TIMEOUT" } });
});
