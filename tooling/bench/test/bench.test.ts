import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { contendersOf } from "../src/contenders.ts";
import { findLines } from "../src/find-lines.ts";
import { measureComparison } from "../src/measure-comparison.ts";
import { measureFigure } from "../src/measure-figure.ts";

const BENCH = fileURLToPath(new URL("../src/bench.ts", import.meta.url));

const bench = (...args: string[]) => spawnSync(process.execPath, [BENCH, ...args], { encoding: "utf8" });

const { figures, comparisons } = await findLines();

test.each(figures)("measures $name and all that stands beside it", { timeout: 60_000 }, async (figure) => {
  const result = await measureFigure(figure, { quick: true });
  const measured = [result.subject, result.floor, result.peer].filter((summary) => summary !== null);
  expect(measured.filter(({ count, p50 }) => count === 0 || !(p50 > 0))).toEqual([]);
  expect(result.floor === null).toBe(figure.floor === undefined);
  expect(result.peer === null).toBe(figure.peer === undefined);
  expect(result.verdicts).toHaveLength(figure.targets.length);
});

test.each(comparisons)("measures $name on each engine", { timeout: 120_000 }, async (comparison) => {
  const { engines } = await measureComparison(comparison, { quick: true });
  expect([...engines.keys()]).toEqual([...contendersOf(comparison).keys()]);
  expect([...engines.values()].filter(({ count, p50 }) => count === 0 || Number.isNaN(p50))).toEqual([]);
});

test("gives every figure a name of its own", () => {
  const names = [...figures, ...comparisons].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("prints the engines side by side, and why one of them is missing", { timeout: 60_000 }, () => {
  const { status, stdout } = bench("--only", "engines-stop", "--quick");
  expect(status).toBe(0);
  expect(stdout).toMatch(/\| engines .*shim .*node:wasi .*wasmer .*@wasmer\/sdk .*core wasm/);
  expect(stdout).toContain("–: an endless loop, from its limit to its end, @wasmer/sdk: its kill");
});

test("prints a table with --only, and the machine above it", () => {
  const { status, stdout } = bench("--only", "job-loop", "--quick");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Node \d+\.\d+\.\d+, .* cores/);
  expect(stdout).toContain("| a job's loop");
});

test("prints one JSON document with --json", () => {
  const { status, stdout } = bench("--only", "job-loop", "--quick", "--json");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    machine: { node: process.versions.node },
    figures: [{ name: "job-loop", subject: { count: 1 }, targets: [{ text: "≥ 30 M/s" }] }],
  });
});

test("lists the figures with --help", () => {
  const { status, stdout } = bench("--help");
  expect(status).toBe(0);
  for (const { name } of [...figures, ...comparisons]) expect(stdout).toContain(name);
});

test("refuses an unknown option and an unknown figure with exit code 2", () => {
  expect(bench("--fast").status).toBe(2);
  expect(bench("--only", "nothing")).toMatchObject({ status: 2, stderr: expect.stringContaining("round-trip") });
});
