import { expect, test } from "vitest";
import { Ticker, type Ticking } from "./ticker.js";

class Guest implements Ticking {
  joins = 0;
  tick(): void {}
  joined(): void {
    this.joins++;
  }
}

test("tells the one guest that has work that another has some too", () => {
  const ticker = new Ticker();
  const [first, second, third] = [new Guest(), new Guest(), new Guest()];
  for (const guest of [first, second, third]) ticker.watch(guest);
  expect([first.joins, second.joins, third.joins]).toEqual([1, 0, 0]);
  ticker.close();
});

test("tells nobody where the others' work has ended", () => {
  const ticker = new Ticker();
  const [first, second] = [new Guest(), new Guest()];
  ticker.watch(first);
  ticker.unwatch(first);
  ticker.watch(second);
  expect([first.joins, second.joins]).toEqual([0, 0]);
  ticker.close();
});
