import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { WORD, WORD_COUNT } from "./channel-layout.js";
import { LookOut } from "./look-out.js";

/** As many as take longer than any test may. */
const ENDLESS = 2 ** 40;
/** Some tens of milliseconds. */
const MANY = 10_000_000;

function channel({ cores = 2 } = {}): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORD_COUNT));
  words[WORD.ALONE] = 1;
  words[WORD.CORES] = cores;
  return words;
}

/** Another thread that waits until it is told by a word of its own, and then sets `word` to `value` a moment later. */
async function other(words: Int32Array, word: number, value: number): Promise<{ go(): void } & AsyncDisposable> {
  const go = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { parentPort, workerData: { words, go, word, value } } = require("node:worker_threads");
     parentPort.postMessage("ready");
     Atomics.wait(go, 0, 0);
     Atomics.wait(go, 0, 1, 20);
     Atomics.store(words, word, value);`,
    { eval: true, workerData: { words, go, word, value } },
  );
  await once(worker, "message");
  return {
    go: () => {
      Atomics.store(go, 0, 1);
      Atomics.notify(go, 0);
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}

/** Whether what it looked for is there now. */
function hasComeBackFor(words: Int32Array, word: number, value: number): boolean {
  return Atomics.load(words, word) === value;
}

function msOf(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

describe("a look-out", () => {
  it("is over at once where the bell has been rung already", () => {
    const words = channel();
    words[WORD.GUEST_BELL] = 5;
    new LookOut(ENDLESS, ENDLESS, 1).for(words, 4);
    new LookOut(ENDLESS, ENDLESS, 1).whileAlone(words, 4);
    expect(words[WORD.GUEST_BELL]).toBe(5);
  });

  it("does not look at all on one core, where it would only keep the host from working", () => {
    const words = channel({ cores: 1 });
    new LookOut(ENDLESS, ENDLESS, 1).for(words, 0);
    new LookOut(ENDLESS, ENDLESS, 1).whileAlone(words, 0);
    expect(words[WORD.GUEST_BELL]).toBe(0);
  });

  it("is over when the bell is rung meanwhile", async () => {
    const words = channel();
    await using ringer = await other(words, WORD.GUEST_BELL, 1);
    ringer.go();
    new LookOut(ENDLESS, ENDLESS, 1).for(words, 0);
    expect(hasComeBackFor(words, WORD.GUEST_BELL, 1)).toBe(true);
  });

  it("for one who is alone does not begin where another has work", () => {
    const words = channel();
    words[WORD.ALONE] = 0;
    new LookOut(ENDLESS, ENDLESS, 1).whileAlone(words, 0);
    expect(words[WORD.GUEST_BELL]).toBe(0);
  });

  it("for one who is alone is over when another gets work, and does not lose its patience by that", async () => {
    const words = channel();
    await using worker = await other(words, WORD.ALONE, 0);
    const lookOut = new LookOut(ENDLESS, ENDLESS, ENDLESS);
    worker.go();
    lookOut.whileAlone(words, 0);
    expect(hasComeBackFor(words, WORD.ALONE, 0)).toBe(true);
    // Were it punished, it would not look any more, and come back before the bell.
    words[WORD.ALONE] = 1;
    await using ringer = await other(words, WORD.GUEST_BELL, 1);
    ringer.go();
    lookOut.whileAlone(words, 0);
    expect(hasComeBackFor(words, WORD.GUEST_BELL, 1)).toBe(true);
  });

  it("that was in vain is not repeated until it is time to try again", () => {
    const words = channel();
    const lookOut = new LookOut(MANY, MANY, 3);
    const [first = 0, ...rest] = [1, 2, 3, 4].map(() => msOf(() => lookOut.for(words, 0)));
    const [second = 0, third = 0, fourth = 0] = rest;
    // The shorter of the two: a busy machine may take one of them away for a while.
    expect(Math.min(second, third)).toBeLessThanOrEqual(Math.max(1, first / 2));
    expect(fourth).toBeGreaterThanOrEqual(Math.min(second, third));
  });
});
