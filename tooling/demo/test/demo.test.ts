import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const demo = fileURLToPath(new URL("../src/demo.ts", import.meta.url));

async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [demo, ...args], {
    env: { ...process.env, NO_COLOR: "1" },
  });
  return stdout;
}

it("shows ping, counter, the kill, the resume from a checkpoint and the results of a folder", {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "demo-test-"));
  await mkdir(join(folder, "texts"));
  for (let i = 0; i < 400; i++) await writeFile(join(folder, "texts", `${i}.txt`), "one two three\n".repeat(i + 1));
  const shown = await run(folder);
  await rm(folder, { recursive: true });
  expect(shown).toContain("✓ Plugin test-extension loaded successfully");
  expect(shown).toContain('"echo":"Pong: hello from the host"');
  const ready = shown.match(/an instance is ready.*/g);
  expect(ready).toEqual([
    "an instance is ready",
    "an instance is ready (of its own, for the library)",
    "an instance is ready (of its own, for the job)",
  ]);
  expect(shown).toContain("completed: 200 items");
  expect(shown).toMatch(/SIGKILL at \d+ %, after checkpoint \d+/);
  expect(shown).toMatch(/resumed: attempt 2, from checkpoint [1-9]\d* at \d+ %/);
  expect(shown).toContain("400 files counted");
  // 3 words a line, 1 + 2 + … + 400 lines.
  expect(shown).toContain(`"words":${3 * 80_200}`);
});

it("says so where the folder is too small to be interrupted, and still ends well", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "demo-test-"));
  await writeFile(join(folder, "one.txt"), "a b c\n");
  const shown = await run(folder);
  await rm(folder, { recursive: true });
  expect(shown).toContain("1 files counted");
});

it("ends quietly where whoever reads goes away", { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, [demo, fileURLToPath(new URL(".", import.meta.url))]);
  const [errors, exited] = [text(child.stderr), once(child, "exit")];
  await once(child.stdout, "data");
  child.stdout.destroy();
  expect(await exited).toEqual([0, null]);
  expect(await errors).toBe("");
});

it("refuses what is not a folder with exit code 2", async () => {
  await expect(run("/no/such/folder")).rejects.toMatchObject({ code: 2 });
});
