import { spawn } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.js";

/** More by KILL_ROUNDS=200. */
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 12);
const WRITERS = 4;
const SCRIPT = fileURLToPath(new URL("committing-process.mjs", import.meta.url));

test("a process that is killed takes nothing with it that was confirmed", {
  timeout: 20_000 + ROUNDS * 2_000,
}, async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("library.db");
  const confirmed = Array.from({ length: WRITERS }, () => 0);
  for (let round = 1; round <= ROUNDS; round++) {
    const child = spawn(process.execPath, [SCRIPT, path, String(WRITERS)], { stdio: ["ignore", "pipe", "inherit"] });
    // Its lines are whole, but for the last: what it had printed when it died has been confirmed.
    let lines = 0;
    const killAfter = 1 + ((round * 37) % 300);
    for await (const line of createInterface({ input: child.stdout })) {
      const match = /^(\d+) (\d+);$/.exec(line);
      if (match === null) continue;
      confirmed[Number(match[1])] = Number(match[2]);
      if (++lines === killAfter) child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    expect(child.signalCode).toBe("SIGKILL");

    const found = new DatabaseSync(path, { readOnly: true });
    expect(found.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    for (const [writer, count] of confirmed.entries()) {
      const log = found.prepare("SELECT count(*) AS n, max(count) AS last FROM log WHERE writer = ?").get(writer);
      expect(Number(log?.["last"] ?? 0)).toBeGreaterThanOrEqual(count);
      expect(log?.["n"]).toBe(log?.["last"] ?? 0);
    }
    found.close();
  }
});
