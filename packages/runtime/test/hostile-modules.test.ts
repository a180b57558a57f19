import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostileModule } from "../src/guest/conformance/hostile-modules/hostile-module.js";
import { HOSTILE_MODULES } from "../src/guest/conformance/hostile-modules/hostile-modules.js";

const PROGRAM = fileURLToPath(new URL("./programs/loads-hostile.mjs", import.meta.url));
/** What docs/abi.md promises for a load, and for the exit of a process after it. */
const MOST_MS = 1_000;
/** A machine that is busy with something else is no fault of ours: the best of so many runs counts, and by its share of the cores. */
const RUNS = 4;
const mostMs = (): number => MOST_MS * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

const refused = HOSTILE_MODULES.filter(({ ends }) => ends?.[0] === "MODULE_INVALID");
const admitted = HOSTILE_MODULES.filter((module) => !refused.includes(module));

interface Loads {
  readonly slowestMs: number;
  readonly ends: readonly unknown[];
  /** From the last line until the process was gone. */
  readonly exitMs: number;
}

describe("a process that loads hostile modules", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "hostile-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function load(modules: readonly HostileModule[]): Promise<Loads> {
    const files = modules.map((_, i) => path.join(folder, `${i}.wasm`));
    for (const [i, { bytes }] of modules.entries()) await writeFile(files[i] ?? "", bytes());
    const child = spawn(process.execPath, [PROGRAM, ...files], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    let doneAt = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.endsWith("done\n")) doneAt = performance.now();
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    const exitMs = performance.now() - doneAt;
    expect([code, output.endsWith("done\n")]).toEqual([0, true]);
    const lines = [...output.matchAll(/"ms":([\d.]+),"ends":"?(\w+)/g)];
    return { slowestMs: Math.max(...lines.map(([, ms]) => Number(ms))), ends: lines.map(([, , end]) => end), exitMs };
  }

  async function expectQuick(modules: readonly HostileModule[]): Promise<void> {
    for (let run = 1; ; run++) {
      const { slowestMs, ends, exitMs } = await load(modules);
      expect(ends).toEqual(modules.map((module) => module.ends?.[0] ?? "0"));
      if (run < RUNS && Math.max(slowestMs, exitMs) > MOST_MS) continue;
      expect(slowestMs).toBeLessThan(mostMs());
      expect(exitMs).toBeLessThan(mostMs());
      return;
    }
  }

  test("there are thirty and more of them", () => {
    expect(refused.length).toBeGreaterThan(30);
    expect(new Set(HOSTILE_MODULES.map(({ name }) => name)).size).toBe(HOSTILE_MODULES.length);
  });

  test("refuses each that is beyond the limits within a second, and exits", () => expectQuick(refused), 60_000);

  test("refuses the types that would abort the process, and still takes those that it knows", async () => {
    const program = fileURLToPath(new URL("./programs/spends-types.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout).toMatch(/^\{"taken":20,"refusal":"MODULE_INVALID .*as many different function types as it can bear/);
  }, 60_000);

  test.each(admitted)(
    "loads $name within a second, and exits within another",
    (module) => expectQuick([module]),
    60_000,
  );
});
