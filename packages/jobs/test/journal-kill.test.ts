import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createLibraryId, parseJson } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { EXPECTED_LINES, ROUNDS } from "./dying-host/lines-job.js";
import { temporaryFolder } from "./temporary-folder.js";

const HOOKS = fileURLToPath(new URL("resolve-sources.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("dying-host/main.ts", import.meta.url));

interface Ended {
  readonly by: unknown;
  readonly said: string;
}

async function runHost(...args: readonly (string | number)[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", HOOKS, MAIN, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const said = await text(child.stdout);
  const [code, signal] = await exited;
  return { by: signal ?? code, said };
}

type Kill = readonly [kind: string, count: number, moment: string];

/** Kills a host there (as often as it gets there), starts it again, and expects what an uninterrupted run leaves. */
async function expectUndisturbed(...kills: readonly Kill[]): Promise<void> {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  for (const kill of kills) {
    expect(await runHost(folder.file("."), library, ...kill)).toEqual({ by: "SIGKILL", said: "" });
  }
  await expectWhole(folder, await runHost(folder.file("."), library), kills.length);
}

async function expectWhole(folder: { file(name: string): string }, { by, said }: Ended, kills: number): Promise<void> {
  expect(by).toBe(0);
  const end = parseJson(said, "the end");
  expect(end).toMatchObject({ status: "completed", warnings: [], error: null });
  expect(end).toMatchObject({
    lines: EXPECTED_LINES.map((line) => expect.stringMatching(new RegExp(`^${line} [0-9a-f-]{36}$`))),
    rounds: ['{"round":2', '{"round":1', '{"round":0'],
  });
  // At least once, and under one key however often.
  const keys = (await readFile(folder.file("sent"), "utf8")).trimEnd().split("\n");
  expect(new Set(keys).size).toBe(ROUNDS);
  expect(keys.length).toBeLessThanOrEqual(ROUNDS + kills);
}

test("a run that nobody disturbs leaves what is expected", () => expectUndisturbed());

describe("SIGKILL", () => {
  test("between an action's commit and its reply: the effect stands, once", () =>
    expectUndisturbed(["action", 1, "after"]));

  test("in an action's transaction: it is as if it had not begun", () => expectUndisturbed(["action", 2, "inside"]));

  test("between an inner action's commit and its reply", () => expectUndisturbed(["action", 3, "after"]));

  test("between the commit of an action of the host and its reply", () => expectUndisturbed(["action", 4, "after"]));

  test("between the commit of a dispatch and its reply: the job is there, once", () =>
    expectUndisturbed(["action", 5, "after"]));

  test("between checkpoint and reply", () => expectUndisturbed(["checkpoint", 1, "after"]));

  test("during a checkpoint", () => expectUndisturbed(["checkpoint", 1, "inside"]));

  test("again and again, at the same place and further on", () =>
    expectUndisturbed(
      ["action", 2, "after"],
      ["action", 1, "after"],
      ["action", 1, "inside"],
      ["action", 2, "before"],
      ["checkpoint", 1, "before"],
      ["checkpoint", 1, "after"],
      ["action", 3, "after"],
    ));

  test("after each transaction in turn", async () => {
    let count = 0;
    for (let killed = true; killed; count++) {
      await using folder = await temporaryFolder();
      const library = createLibraryId();
      const first = await runHost(folder.file("."), library, "any", count + 1, "after");
      killed = first.by === "SIGKILL";
      await expectWhole(folder, killed ? await runHost(folder.file("."), library) : first, 1);
    }
    expect(count).toBeGreaterThan(20);
  }, 600_000);
});
