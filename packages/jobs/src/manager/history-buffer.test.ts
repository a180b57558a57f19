import { expect, test } from "vitest";
import type { HistoryEntry } from "../history.js";
import { HistoryBuffer } from "./history-buffer.js";

function warning(n: number): HistoryEntry {
  return { kind: "warning", at: n, message: "" };
}

test.each([0, 10, 100, 200, 250, 300, 500, 1_000])(
  "loses count of nothing where %i entries come while others are on their way to the disk",
  (meanwhile) => {
    const buffer = new HistoryBuffer(0);
    let made = 0;
    const add = (count: number): void => {
      for (let n = 0; n < count; n++) buffer.add(warning(++made));
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
