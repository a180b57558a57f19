import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createLibraryId, type LibraryId, parseJson } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.js";

const HOOKS = fileURLToPath(new URL("resolve-sources.ts", import.meta.url));
const MAIN = fileURLToPath(new URL("event-host/main.ts", import.meta.url));

async function runHost(
  folder: string,
  library: LibraryId,
  ...kill: readonly (string | number)[]
): Promise<{ readonly by: unknown; readonly said: string }> {
  const child = spawn(process.execPath, ["--import", HOOKS, MAIN, folder, library, ...kill.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const said = await text(child.stdout);
  const [code, signal] = await exited;
  return { by: signal ?? code, said };
}

test.each(["inside", "after"])(
  "SIGKILL %s each transaction in turn: every event counts once, its listener hears the last, and an order is obeyed",
  async (moment) => {
    let count = 0;
    for (let killed = true; killed; count++) {
      await using folder = await temporaryFolder();
      const library = createLibraryId();
      const first = await runHost(folder.file("."), library, count + 1, moment);
      killed = first.by === "SIGKILL";
      const { by, said } = killed ? await runHost(folder.file("."), library) : first;
      expect(by).toBe(0);
      expect(parseJson(said, "the end")).toEqual({
        ends: [
          "test.victim cancelled ",
          expect.stringMatching(/^test\.listener completed \[(1,)?2\]$/),
          "test.emitter completed ",
        ],
        last: "2 1",
      });
    }
    expect(count).toBeGreaterThan(12);
  },
  300_000,
);
