import { type ChildProcess, spawn } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.js";

/** More by KILL_ROUNDS=200. */
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 12);
/** Some rounds of a group: two for each of begin, commit, sync and the works between, and a checkpoint. */
const MOMENTS = 40;
const WRITERS = 4;
const SCRIPT = fileURLToPath(new URL("committing-process.mjs", import.meta.url));

test("a process that is killed takes nothing with it that was confirmed", {
  timeout: 20_000 + ROUNDS * 2_000,
}, async () => {
  await using folder = await temporaryFolder();
  const commits = new Commits(folder.file("library.db"));
  for (let round = 1; round <= ROUNDS; round++) {
    const { child, lines } = commits.start();
    let left = 1 + ((round * 37) % 300);
    await commits.confirm(lines, () => --left === 0 && child.kill("SIGKILL"));
    commits.check();
  }
});

test("nor does one that is killed before or after any operation of its store", {
  timeout: 20_000 + MOMENTS * 2_000,
}, async () => {
  await using folder = await temporaryFolder();
  const commits = new Commits(folder.file("library.db"));
  for (let moment = 1; moment <= MOMENTS; moment++) {
    await commits.confirm(commits.start(moment).lines, () => {});
    commits.check();
  }
});

/** What processes have confirmed of their commits to one database, one process after another. */
class Commits {
  readonly #path: string;
  readonly #confirmed = Array.from({ length: WRITERS }, () => 0);

  constructor(path: string) {
    this.#path = path;
  }

  start(moment?: number): { readonly child: ChildProcess; readonly lines: AsyncIterable<string> } {
    const args = [SCRIPT, this.#path, String(WRITERS), ...(moment === undefined ? [] : [String(moment)])];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    return { child, lines: createInterface({ input: child.stdout }) };
  }

  /** Until the process is dead. A line of which a part is missing confirms nothing. */
  async confirm(lines: AsyncIterable<string>, onLine: () => void): Promise<void> {
    for await (const line of lines) {
      const match = /^(\d+) (\d+);$/.exec(line);
      if (match === null) continue;
      this.#confirmed[Number(match[1])] = Number(match[2]);
      onLine();
    }
  }

  check(): void {
    // Not read-only: it takes on what is in the WAL, as the next process does.
    const found = new DatabaseSync(this.#path);
    try {
      expect(found.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      // Killed before it had made its table.
      if (found.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'log'").get() === undefined) {
        expect(Math.max(...this.#confirmed)).toBe(0);
        return;
      }
      const log = found.prepare("SELECT count(*) AS n, max(count) AS last FROM log WHERE writer = ?");
      for (const [writer, count] of this.#confirmed.entries()) {
        const row = log.get(writer);
        const last = Number(row?.["last"] ?? 0);
        expect(last).toBeGreaterThanOrEqual(count);
        expect(row?.["n"]).toBe(last);
      }
    } finally {
      found.close();
    }
  }
}
