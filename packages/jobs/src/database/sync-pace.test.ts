import { expect, test } from "vitest";
import { type LoopUse, SyncPace } from "./sync-pace.js";

const SHORT_MS = 0.3;

/** A disk and a loop in a time of their own: each step is a sync, and what the loop did before it. */
class Commits {
  readonly pace: SyncPace;
  now = 1_000;
  #use: LoopUse = { idle: 0, active: 0 };

  constructor(shortMs = SHORT_MS) {
    this.pace = new SyncPace(shortMs, () => this.#use);
  }

  /** Waits and works so long, then syncs. Answers whether the sync held the loop. */
  sync(ms: number, { idle = 5, active = 1 } = {}): boolean {
    this.now += idle + active;
    this.#use = { idle: this.#use.idle + idle, active: this.#use.active + active };
    const held = this.pace.mayHoldLoop(this.now);
    this.now += ms;
    const { idle: idleBefore, active: activeBefore } = this.#use;
    this.#use = held
      ? { idle: idleBefore, active: activeBefore + ms }
      : { idle: idleBefore + ms, active: activeBefore };
    this.pace.took(ms, held, this.now);
    return held;
  }

  /** How many of so many syncs held the loop. */
  many(count: number, ms: number, loop?: { readonly idle: number; readonly active: number }): number {
    return Array.from({ length: count }, () => this.sync(ms, loop)).filter(Boolean).length;
  }
}

test("lets short syncs hold an idle loop, once some have been short", () => {
  const commits = new Commits();
  expect(commits.many(10, 0.1)).toBe(0);
  commits.many(90, 0.1);
  expect(commits.many(100, 0.1)).toBe(100);
});

test("lets syncs hold the loop while they are just short, and none that is just not", () => {
  const short = new Commits();
  short.many(200, SHORT_MS - 0.01);
  expect(short.many(100, SHORT_MS - 0.01)).toBe(100);
  const long = new Commits();
  expect(long.many(300, SHORT_MS + 0.01)).toBe(0);
});

test("lets no sync hold a loop that has other work for more than half of its time", () => {
  const idle = new Commits();
  idle.many(100, 0.1, { idle: 6, active: 4 });
  expect(idle.many(100, 0.1, { idle: 6, active: 4 })).toBe(100);
  const busy = new Commits();
  expect(busy.many(200, 0.1, { idle: 4, active: 6 })).toBe(0);
});

test("does not take its own syncs for other work", () => {
  const commits = new Commits();
  const loop = { idle: 0.05, active: 0.04 };
  commits.many(1_000, 0.2, loop);
  expect(commits.many(1_000, 0.2, loop)).toBe(1_000);
});

test("leaves the syncs to the thread for a while after a long one", () => {
  const commits = new Commits();
  commits.many(100, 0.1);
  commits.sync(3);
  expect(commits.many(256, 0.1)).toBe(0);
  expect(commits.many(100, 0.1)).toBe(100);
});

test("trusts no sync of long ago", () => {
  const commits = new Commits();
  commits.many(100, 0.1);
  expect(commits.sync(0.1, { idle: 1_100, active: 1 })).toBe(false);
  expect(commits.sync(0.1)).toBe(true);
});

test("never holds the loop where that is declined", () => {
  expect(new Commits(0).many(300, 0)).toBe(0);
});
