import { createJobId, createLibraryId } from "@spacedrive/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ReadyJob, ReadyQueue } from "./ready-queue.js";

const library = createLibraryId();

function ready(type = "a", priority = 0): ReadyJob {
  return { id: createJobId(), type, priority, library, queuedAt: 0 };
}

function takeAll(queue: ReadyQueue, canStart: (type: string) => boolean = () => true): ReadyJob[] {
  const taken: ReadyJob[] = [];
  for (let job = queue.take(canStart); job !== null; job = queue.take(canStart)) taken.push(job);
  return taken;
}

test("takes the highest priority first, then the one that waits longest, over all types", () => {
  const queue = new ReadyQueue();
  const jobs = [ready("a", 0), ready("b", 5), ready("a", 5), ready("b", 0), ready("c", -1)] as const;
  for (const job of jobs) queue.add(job);
  expect(takeAll(queue)).toEqual([jobs[1], jobs[2], jobs[0], jobs[3], jobs[4]]);
});

test("passes over types that cannot start now, and keeps them", () => {
  const queue = new ReadyQueue();
  const [held, free] = [ready("held", 9), ready("free")];
  queue.add(held);
  queue.add(free);
  expect(takeAll(queue, (type) => type !== "held")).toEqual([free]);
  expect(takeAll(queue)).toEqual([held]);
});

test("a job that is removed, or of a removed library, is not taken", () => {
  const queue = new ReadyQueue();
  const [stays, goes, other] = [ready(), ready(), { ...ready(), library: createLibraryId() }];
  for (const job of [goes, stays, other]) queue.add(job);
  queue.remove(goes.id);
  queue.removeLibrary(other.library);
  expect(takeAll(queue)).toEqual([stays]);
});

test("a job that is added again waits again from then on, and is taken once", () => {
  const queue = new ReadyQueue();
  const [first, second] = [ready(), ready()];
  queue.add(first);
  queue.add(second);
  queue.remove(first.id);
  queue.add(first);
  expect(takeAll(queue)).toEqual([second, first]);
});

test("agrees with a sorted list, whatever is added and removed", () => {
  const additions = fc.array(
    fc.record({
      type: fc.constantFrom("a", "b", "c"),
      priority: fc.integer({ min: -2, max: 2 }),
      removed: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(additions, (given) => {
      const queue = new ReadyQueue();
      const jobs = given.map(({ type, priority, removed }) => ({ job: ready(type, priority), removed }));
      for (const { job } of jobs) queue.add(job);
      for (const { job, removed } of jobs) if (removed) queue.remove(job.id);
      const expected = jobs.filter(({ removed }) => !removed).map(({ job }) => job);
      expected.sort((a, b) => b.priority - a.priority);
      expect(takeAll(queue)).toEqual(expected);
    }),
  );
});
