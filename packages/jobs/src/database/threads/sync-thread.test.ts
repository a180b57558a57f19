import { open } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/temporary-folder.js";
import { SyncThread } from "./sync-thread.js";

const LATE_BELL = pathToFileURL(join(import.meta.dirname, "../../../test/late-bell-worker.mjs"));

test("a wake-up that comes too early is no answer: each sync resolves once it is done", async () => {
  await using folder = await temporaryFolder();
  const file = await open(folder.file("synced"), "w");
  const thread = new SyncThread(LATE_BELL);
  // So many, one after another, and a thread of their own takes them; a few dozen more, and it has.
  for (let i = 0; i < 200; i++) await expect(thread.sync(file.fd)).resolves.toBeUndefined();
  await file.close();
});
