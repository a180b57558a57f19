import { createLibraryId } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { SqliteDatabase, SqliteJobStore } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { ScriptedJob } from "./scripted-job.js";
import { temporaryFolder } from "./temporary-folder.js";

test("whoever asks for jobs is told what is durable, and waits for that where it is not yet", async () => {
  await using folder = await temporaryFolder();
  const library = createLibraryId();
  const order: string[] = [];
  let between: (() => void) | null = null;
  await using database = SqliteDatabase.open(folder.file("library.db"), {
    faults: {
      // Committed, and not synced.
      before({ operation }) {
        if (operation === "sync") between?.();
        return null;
      },
      after({ operation }) {
        if (operation === "sync") order.push("synced");
      },
    },
  });
  await using host = await openJobHost({ store: new SqliteJobStore(database, library), library });
  const { manager } = host;
  const script = new ScriptedJob();
  const registration = manager.register("test.job", script);
  const job = await manager.dispatch("test.job", 1, { library });
  await registration.unregister();
  order.length = 0;

  const asked: Promise<unknown>[] = [];
  between = () => {
    between = null;
    const looks = {
      get: () => manager.get(job.id),
      record: () => job.record(),
      done: () => job.done(),
      updates: () => job.updates().next(),
      list: () => manager.list({ library }),
      "list all": () => manager.list(),
      history: () => manager.history(job.id),
      children: () => manager.countChildren(job.id),
    };
    for (const [name, look] of Object.entries(looks)) asked.push(look().then(() => order.push(name)));
    // Who acts on it in the same store need not wait.
    asked.push(manager.reader.get(job.id).then(() => order.push("reader")));
  };
  await manager.cancel(job.id);
  await Promise.all(asked);
  expect(order.slice(0, 2)).toEqual(["reader", "synced"]);
  expect(order).toHaveLength(2 + 8);
});
