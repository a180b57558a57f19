import { expect, test } from "vitest";
import type { HistoryEntry } from "../history.js";
import { MAX_HISTORY } from "../history.js";
import { HistoryBuffer } from "./history-buffer.js";

function warning(n: number): HistoryEntry {
  return { kind: "warning", at: n, message: "" };
}

function checkpoint(n: number): HistoryEntry {
  return { kind: "checkpoint", at: n, checkpoint: n, bytes: 1 };
}

const KINDS = {
  warnings: warning,
  checkpoints: checkpoint,
  both: (n: number) => (n % 3 === 0 ? warning(n) : checkpoint(n)),
} as const;

test.each(
  ([0, 10, 100, 200, 250, 300, 500, 1_000] as const).flatMap((meanwhile) =>
    (["warnings", "checkpoints", "both"] as const).map((kind) => ({ meanwhile, kind })),
  ),
)(
  "loses count of nothing where $meanwhile $kind come while others are on their way to the disk",
  ({ meanwhile, kind }) => {
    const buffer = new HistoryBuffer(0, 200);
    let made = 0;
    const add = (count: number): void => {
      for (let n = 0; n < count; n++) buffer.add(KINDS[kind](++made));
    };
    let stored = 0;
    let missed = 0;
    let last = 0;
    const take = (notes: typeof buffer.held): void => {
      stored += notes.entries.length;
      missed += notes.missed;
      for (const { at } of notes.entries) {
        expect(at).toBeGreaterThan(last);
        last = at;
      }
    };
    for (const before of [300, 5, 64]) {
      add(before);
      const notes = buffer.held;
      add(meanwhile);
      take(notes);
      buffer.flushed(notes, 0);
    }
    take(buffer.held);
    expect(stored + missed).toBe(made);
    expect(last).toBe(made);
  },
);

test("a flood of checkpoints waits for its time, and only those that the store would keep are written then", () => {
  const buffer = new HistoryBuffer(0, MAX_HISTORY);
  for (let n = 1; n <= 10_000; n++) {
    buffer.add(checkpoint(n));
    expect(buffer.due(999)).toBeNull();
  }
  const due = buffer.due(1_000);
  expect(due?.missed).toBe(10_000 - MAX_HISTORY);
  expect(due?.entries).toHaveLength(MAX_HISTORY);
  expect(due?.entries.at(-1)).toEqual(checkpoint(10_000));
});

test("64 entries of which the store keeps all do not wait", () => {
  const warnings = new HistoryBuffer(0, MAX_HISTORY);
  const checkpoints = new HistoryBuffer(0, MAX_HISTORY + 1);
  for (let n = 1; n <= 63; n++) {
    warnings.add(warning(n));
    checkpoints.add(checkpoint(n));
  }
  expect([warnings.due(1), checkpoints.due(1)]).toEqual([null, null]);
  warnings.add(warning(64));
  checkpoints.add(checkpoint(64));
  expect(warnings.due(1)?.entries).toHaveLength(64);
  expect(checkpoints.due(1)?.entries).toHaveLength(64);
});
