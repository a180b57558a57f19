import { expect, test } from "vitest";
import { Patience } from "./patience.js";

test("gives more looks while they pay, up to a limit", () => {
  const patience = new Patience(4, 10, 3);
  const given = [1, 2, 3].map(() => {
    const looks = patience.take();
    patience.reward();
    return looks;
  });
  expect(given).toEqual([4, 8, 10]);
});

test("gives fewer where they do not pay, down to none", () => {
  const patience = new Patience(4, 16, 100);
  patience.reward();
  const given = [1, 2, 3].map(() => {
    const looks = patience.take();
    patience.punish();
    return looks;
  });
  expect(given).toEqual([8, 4, 0]);
});

test("tries again after so many times without a look, and gives up again at once", () => {
  const patience = new Patience(4, 16, 3);
  const take = (): number => {
    const looks = patience.take();
    if (looks > 0) patience.punish();
    return looks;
  };
  expect(Array.from({ length: 8 }, take)).toEqual([4, 0, 0, 4, 0, 0, 4, 0]);
});
