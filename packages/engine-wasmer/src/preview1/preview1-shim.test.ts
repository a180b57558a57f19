import { describe, expect, test } from "vitest";
import { answerOf } from "../../test/preview1-answer.js";

const SUCCESS = 0;
const BADF = 8;
const FAULT = 21;
const INVAL = 28;
const NOSYS = 52;
const SPIPE = 70;
const END = 65_536;

function vector(at: number, pointer: number, length: number): string {
  return `(i32.store (i32.const ${at}) (i32.const ${pointer})) (i32.store (i32.const ${at + 4}) (i32.const ${length}))`;
}

const YEARS = 2n ** 63n - 1n;

function subscription(at: number, type: number, subject: number, timeout: bigint, flags = 0): string {
  return `(i32.store8 (i32.const ${at + 8}) (i32.const ${type})) (i32.store (i32.const ${at + 16}) (i32.const ${subject}))
    (i64.store (i32.const ${at + 24}) (i64.const ${timeout})) (i32.store16 (i32.const ${at + 40}) (i32.const ${flags}))`;
}

const i32 = (...values: readonly number[]): string => values.map((value) => `(i32.const ${value})`).join(" ");

describe("our preview1", () => {
  test.each([
    ["fd_read", i32(0, END, 1, 16), FAULT],
    ["fd_read", i32(0, 4, 1, END - 3), FAULT],
    ["fd_read", i32(0, 0, -1, 16), FAULT],
    ["fd_read", i32(9, 4, 1, 16), BADF],
    ["fd_write", i32(1, -8, 1, 16), FAULT],
    ["fd_write", i32(2, 4, 1, -1), FAULT],
    ["fd_write", i32(0, 4, 1, 16), BADF],
    ["random_get", i32(END - 8, 8), SUCCESS],
    ["random_get", i32(END - 8, 9), FAULT],
    ["random_get", i32(-1, 2), FAULT],
    ["clock_time_get", `${i32(0)} (i64.const 0) ${i32(END - 8)}`, SUCCESS],
    ["clock_time_get", `${i32(0)} (i64.const 0) ${i32(END - 7)}`, FAULT],
    ["clock_time_get", `${i32(9)} (i64.const 0) ${i32(0)}`, INVAL],
    ["clock_res_get", i32(0, -4), FAULT],
    ["clock_res_get", i32(2, 16), INVAL],
    ["environ_sizes_get", i32(END - 4, END), FAULT],
    ["args_sizes_get", i32(16, END - 4), SUCCESS],
    ["fd_fdstat_get", i32(1, END - 24), SUCCESS],
    ["fd_fdstat_get", i32(1, END - 23), FAULT],
    ["fd_fdstat_get", i32(9, 16), BADF],
    ["fd_prestat_get", i32(5, 16), BADF],
    ["fd_seek", `${i32(1)} (i64.const 0) ${i32(0, 16)}`, SPIPE],
    ["path_open", `${i32(2, 0, 100, 3, 0)} (i64.const 0) (i64.const 0) ${i32(0, 16)}`, BADF],
    ["sock_send", i32(3, 4, 1, 0, 16), NOSYS],
    ["poll_oneoff", i32(300, END - 31, 1, 16), FAULT],
    ["poll_oneoff", i32(300, 400, 0, 16), INVAL],
    ["poll_oneoff", i32(300, 400, -1, 16), FAULT],
  ])("answers %s %s with the error number %i, and lives", async (name, operands, expected) => {
    expect(await answerOf("shim", name, operands)).toBe(expected);
  });

  test("refuses a vector that leads out of the memory, also where its numbers wrap round", async () => {
    expect(await answerOf("shim", "fd_write", i32(1, 4, 1, 16), vector(4, END - 4, 5))).toBe(FAULT);
    expect(await answerOf("shim", "fd_write", i32(1, 4, 1, 16), vector(4, -4, 8))).toBe(FAULT);
    expect(await answerOf("shim", "fd_read", i32(0, 4, 1, 16), vector(4, 8, -1))).toBe(FAULT);
    expect(await answerOf("shim", "fd_write", i32(1, 4, 1025, 16))).toBe(FAULT);
  });

  test("reads standard input", async () => {
    expect(await answerOf("shim", "fd_read", i32(0, 4, 1, 16), vector(4, 1000, 100))).toBe(SUCCESS);
  });

  test.each([
    // Clocks: relative; absolute and long past; two, of which the sooner counts.
    ["a short time", 1, subscription(300, 0, 1, 1_000_000n), 0],
    ["a time that has passed", 1, subscription(300, 0, 0, 1n, 1), 0],
    ["the sooner of two", 2, subscription(300, 0, 1, YEARS) + subscription(348, 0, 1, 1_000_000n), 0],
    ["a clock that there is not", 1, subscription(300, 0, 7, 0n), INVAL],
    [
      "standard input, however long it may take beside",
      2,
      subscription(300, 0, 1, YEARS) + subscription(348, 1, 0, 0n),
      0,
    ],
    ["standard output", 1, subscription(300, 2, 1, 0n), 0],
    ["a file that nobody opened", 1, subscription(300, 1, 3, 0n), BADF],
    ["what is no event", 1, subscription(300, 9, 0, 0n), INVAL],
  ])("waits for %s", async (_what, count, body, error) => {
    // One event each, whose error stands in it.
    const after = `(local.set $answer (i32.add (local.get $answer) (i32.load16_u (i32.const 408))))
      (if (i32.ne (i32.load (i32.const 16)) (i32.const 1)) (then (local.set $answer (i32.const 99))))`;
    expect(await answerOf("shim", "poll_oneoff", i32(300, 400, count, 16), body, after)).toBe(error);
  });
});
