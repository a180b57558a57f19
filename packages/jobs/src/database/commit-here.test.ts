import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as loopTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/temporary-folder.js";
import { DurableLog } from "./durable-log.js";
import { GroupCommit } from "./group-commit.js";
import { StatementCache } from "./statement-cache.js";
import { failStore, type StoreFaults } from "./store-faults.js";
import { defaultWorkerUrl } from "./threads/default-worker-url.js";
import { storeThreads } from "./threads/store-threads.js";
import { TransactionGroup } from "./transaction-group.js";

/** The commits of a database each of whose syncs holds the loop, however long it takes. */
class HoldingCommits implements AsyncDisposable {
  readonly commits: GroupCommit;
  readonly log: DurableLog;
  readonly connection: DatabaseSync;
  /** The syncs by which the disk was judged: true for one that held the loop. */
  readonly judged: boolean[] = [];
  readonly #folder: AsyncDisposable;
  readonly #path: string;

  private constructor(path: string, folder: AsyncDisposable, faults: StoreFaults | null) {
    this.#folder = folder;
    this.#path = path;
    this.connection = new DatabaseSync(path);
    this.connection.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE notes (text)");
    const always = { mayHoldLoop: () => true, took: (_ms: number, isHeld: boolean) => void this.judged.push(isHeld) };
    const thread = storeThreads(defaultWorkerUrl()).sync;
    this.log = new DurableLog({ path, thread, pace: always, limitBytes: 1_048_576, faults });
    this.commits = new GroupCommit({
      path,
      group: new TransactionGroup(path, this.connection, new StatementCache(this.connection), faults),
      log: this.log,
      relaxed: false,
      lockTimeoutMs: 1_000,
      onCommit: () => {},
      onFailed: () => {},
    });
  }

  static async open(faults: StoreFaults | null = null): Promise<HoldingCommits> {
    const folder = await temporaryFolder();
    return new HoldingCommits(folder.file("notes.db"), folder, faults);
  }

  add(text: string): Promise<number> {
    return this.commits.add((tx) => tx.run("INSERT INTO notes VALUES (?)", text));
  }

  get texts(): unknown[] {
    return textsOf(this.connection);
  }

  /** What is there for whoever opens the files next. */
  textsFoundLater(): unknown[] {
    const copy = `${this.#path}.copy`;
    for (const suffix of ["", "-wal"]) copyFileSync(`${this.#path}${suffix}`, `${copy}${suffix}`);
    const found = new DatabaseSync(copy);
    const texts = textsOf(found);
    found.close();
    return texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.commits.idle();
    this.log.close();
    this.connection.close();
    await this.#folder[Symbol.asyncDispose]();
  }
}

function textsOf(connection: DatabaseSync): unknown[] {
  return connection
    .prepare("SELECT text FROM notes ORDER BY rowid")
    .all()
    .map((row) => row["text"]);
}

test("a sync that holds the loop comes before the answers of its group, and the next group after them", async () => {
  const steps: string[] = [];
  await using held = await HoldingCommits.open({ after: ({ operation }) => void steps.push(operation) });
  const first = ["a", "b"].map(async (text) => {
    await held.add(text);
    steps.push(text);
  });
  await Promise.all(first);
  await held.add("c");
  const group = ["begin", "work", "work", "commit", "sync", "a", "b"];
  expect(steps).toEqual([...group, "begin", "work", "commit", "sync"]);
  expect(held.texts).toEqual(["a", "b", "c"]);
});

test("who commits in a circle does not keep the loop from turning where each sync holds it", async () => {
  await using held = await HoldingCommits.open();
  let stopped = false;
  const circle = (async () => {
    while (!stopped) await held.add("again");
  })();
  for (let turns = 0; turns < 20; turns++) await loopTurn();
  stopped = true;
  await circle;
});

test("who commits once the loop has turned does not wait for another turn", async () => {
  await using held = await HoldingCommits.open();
  await held.add("first");
  await loopTurn();
  let turnedAgain = false;
  setImmediate(() => {
    turnedAgain = true;
  });
  await held.add("second");
  expect(turnedAgain).toBe(false);
});

test("a sync beside a checkpoint neither holds the loop nor says how long the disk takes", async () => {
  await using held = await HoldingCommits.open();
  await held.add("before");
  held.log.checkpointBegins();
  await held.add("beside");
  const overlapping = held.add("begun beside");
  await loopTurn();
  held.log.checkpointEnded();
  await overlapping;
  expect(held.judged).toEqual([true]);
  await held.add("after");
  expect(held.judged).toEqual([true, true]);
  expect(held.texts).toHaveLength(4);
});

test("a sync that fails while it holds the loop fails its group, and all that comes after", async () => {
  await using held = await HoldingCommits.open(failStore({ operation: "sync", fault: "io-error", at: 2 }));
  await held.add("a");
  const failed = await Promise.allSettled([held.add("b"), held.add("c")]);
  for (const each of failed) expect(each).toMatchObject({ status: "rejected", reason: { code: "STORE_FAILED" } });
  await expect(held.add("d")).rejects.toMatchObject({ code: "STORE_FAILED", retryable: false });
  held.log.dropUnsynced();
  expect(held.textsFoundLater()).toEqual(["a"]);
});
