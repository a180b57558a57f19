import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createLibraryId, parseJson } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { z } from "zod";
import { SqliteDatabase, SqliteJobStore } from "../src/index.js";
import { temporaryFolder } from "./temporary-folder.js";

const HOOKS = fileURLToPath(new URL("counting-host/resolve-sources.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("counting-host/main.ts", import.meta.url));

const lineSchema = z.object({
  started: z.int().optional(),
  attempt: z.int().optional(),
  checkpoint: z.int().optional(),
  done: z.string().optional(),
  result: z.string().nullish(),
  items: z.int().optional(),
  warnings: z.array(z.string()).optional(),
  failed: z.string().optional(),
});
type Line = z.output<typeof lineSchema>;

interface Run {
  readonly child: ChildProcess;
  readonly lines: AsyncIterable<Line>;
}

function startHost(...args: readonly (string | number)[]): Run {
  const child = spawn(process.execPath, ["--import", HOOKS, MAIN, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  async function* read(): AsyncGenerator<Line> {
    for await (const text of createInterface({ input: child.stdout }))
      yield lineSchema.parse(parseJson(text, "a line"));
  }
  return { child, lines: read() };
}

/** Kills at the first line that `when` is true of, and answers all lines that came. */
async function killAt({ child, lines }: Run, when: (line: Line) => boolean): Promise<Line[]> {
  const seen: Line[] = [];
  const exited = once(child, "exit");
  for await (const line of lines) {
    seen.push(line);
    if (when(line)) child.kill("SIGKILL");
  }
  expect(await exited).toEqual([null, "SIGKILL"]);
  return seen;
}

async function runToEnd({ child, lines }: Run): Promise<Line[]> {
  const exited = once(child, "exit");
  const seen: Line[] = [];
  for await (const line of lines) seen.push(line);
  expect(await exited).toEqual([0, null]);
  return seen;
}

function lastCheckpoint(lines: readonly Line[]): number {
  return Math.max(0, ...lines.map(({ checkpoint }) => checkpoint ?? 0));
}

test("after kill -9, at a checkpoint or anywhere, the next start goes on from the last one and ends as if nothing had been", async () => {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  const path = folder.file("library.db");
  const target = 1_000;

  // At a checkpoint: the job halts there until the kill.
  const first = await killAt(startHost(path, library, 150, target), ({ checkpoint }) => checkpoint === 150);
  expect(lastCheckpoint(first)).toBe(150);
  await expectStored(path, library, { checkpoint: 150, items: 150, progress: 0.15, warnings: ["passed 100"] });

  // Anywhere: it runs on while the kill is on its way (to 900 at most).
  const second = await killAt(startHost(path, library, 900), ({ checkpoint }) => checkpoint === 300);
  expect(second[0]).toMatchObject({ started: 150, attempt: 2 });

  // At the first checkpoint after a resume.
  const third = await killAt(startHost(path, library, 0), ({ checkpoint }) => checkpoint !== undefined);
  expect(third[0]?.started).toBeGreaterThanOrEqual(lastCheckpoint(second));

  const last = await runToEnd(startHost(path, library, 0));
  expect(last[0]?.started).toBeGreaterThanOrEqual(lastCheckpoint(third));
  expect(last.at(-1)).toEqual({
    done: "completed",
    result: JSON.stringify({ sum: (target * (target + 1)) / 2 }),
    attempt: 4,
    items: target,
    warnings: Array.from({ length: 10 }, (_, n) => `passed ${(n + 1) * 100}`),
  });
});

test("SIGTERM closes a host in order: it ends by itself, and the next start goes on", async () => {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  const path = folder.file("library.db");
  const host = startHost(path, library, 20, 50);
  const exited = once(host.child, "exit");
  const seen: Line[] = [];
  for await (const line of host.lines) {
    seen.push(line);
    if (line.checkpoint === 20) host.child.kill("SIGTERM");
  }
  expect(await exited).toEqual([0, null]);
  expect(seen.at(-1)?.failed).toContain("CLOSED");
  const next = await runToEnd(startHost(path, library, 0));
  expect(next[0]).toMatchObject({ started: 20, attempt: 2 });
  expect(next.at(-1)).toMatchObject({ done: "completed", items: 50 });
});

async function expectStored(
  path: string,
  library: ReturnType<typeof createLibraryId>,
  stored: {
    readonly checkpoint: number;
    readonly items: number;
    readonly progress: number;
    readonly warnings: readonly string[];
  },
): Promise<void> {
  await using database = SqliteDatabase.open(path);
  const [job] = await new SqliteJobStore(database, library).list({}, 1);
  const { items, ...rest } = stored;
  expect(job).toMatchObject({ status: "running", metrics: { items }, ...rest });
}
