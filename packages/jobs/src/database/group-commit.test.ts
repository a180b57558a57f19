import { DatabaseSync } from "node:sqlite";
import { setImmediate as loopTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { NotesDatabase } from "../../test/notes-database.js";
import type { StoreFaults } from "./store-faults.js";

/** What a database did since the last look, but for what readied it. */
function recordSteps(): { readonly faults: StoreFaults; take(): string[] } {
  const steps: string[] = [];
  return {
    faults: { after: ({ operation }) => void steps.push(operation) },
    take: () => steps.splice(0).filter((operation) => operation !== "open" && operation !== "migrate"),
  };
}

test("transactions of the same moment share one commit and one sync", async () => {
  const steps = recordSteps();
  await using notes = await NotesDatabase.open({ faults: steps.faults });
  await Promise.all(["a", "b", "c"].map((text) => notes.add(text)));
  expect(steps.take()).toEqual(["begin", "work", "work", "work", "commit", "sync"]);
  expect(notes.texts).toEqual(["a", "b", "c"]);
});

test("what comes while a sync is under way shares the next commit", async () => {
  const steps = recordSteps();
  const later: Promise<number>[] = [];
  let notes: NotesDatabase | null = null;
  await using opened = await NotesDatabase.open({
    faults: {
      before: ({ operation }) => {
        if (operation === "sync" && later.length === 0 && notes !== null) {
          later.push(notes.add("b"), notes.add("c"));
        }
        return null;
      },
      ...steps.faults,
    },
  });
  notes = opened;
  await notes.add("a");
  await Promise.all(later);
  expect(steps.take()).toEqual(["begin", "work", "commit", "sync", "begin", "work", "work", "commit", "sync"]);
});

test("a work that throws undoes what it did, and nothing of those beside it", async () => {
  await using notes = await NotesDatabase.open();
  const reason = new RangeError("no");
  const [before, broken, after] = await Promise.allSettled([
    notes.add("before"),
    notes.database.transaction((tx) => {
      tx.run("INSERT INTO notes (text) VALUES ('lost')");
      throw reason;
    }),
    notes.add("after"),
  ]);
  expect([before.status, after.status]).toEqual(["fulfilled", "fulfilled"]);
  expect(broken).toMatchObject({ status: "rejected", reason });
  expect(notes.texts).toEqual(["before", "after"]);
});

test("a work sees what those before it did, and is told of nothing that is undone", async () => {
  await using notes = await NotesDatabase.open();
  const count = notes.database.transaction((tx) => {
    tx.run("INSERT INTO notes (text) VALUES ('mine')");
    return tx.get("SELECT count(*) AS n FROM notes")?.n;
  });
  const broken = notes.database.transaction((tx) => {
    tx.run("INSERT INTO notes (text) VALUES ('lost')");
    throw new RangeError("no");
  });
  const last = notes.database.transaction((tx) => tx.get("SELECT count(*) AS n FROM notes")?.n);
  await expect(broken).rejects.toThrow("no");
  expect(await Promise.all([count, last])).toEqual([1, 1]);
});

test("a work that ends its transaction itself is refused, and those beside it are kept", async () => {
  await using notes = await NotesDatabase.open();
  const [before, broken, after] = await Promise.allSettled([
    notes.add("before"),
    notes.database.transaction((tx) => tx.run("ROLLBACK")),
    notes.add("after"),
  ]);
  expect([before.status, after.status]).toEqual(["fulfilled", "fulfilled"]);
  expect(broken).toMatchObject({ status: "rejected", reason: { code: "STORE_FAILED", retryable: false } });
  expect(notes.texts).toEqual(["before", "after"]);
});

test("a work that ends its savepoint itself is refused, and those beside it are kept", async () => {
  await using notes = await NotesDatabase.open();
  const meddle = (sql: string): Promise<unknown> =>
    notes.database.transaction((tx) => {
      tx.run("INSERT INTO notes (text) VALUES ('lost')");
      tx.run(sql);
    });
  const results = await Promise.allSettled([
    notes.add("a"),
    meddle("RELEASE work"),
    notes.add("b"),
    meddle("RELEASE nothing"),
    notes.add("c"),
  ]);
  const refused = { status: "rejected", reason: { code: "STORE_FAILED" } };
  const kept = { status: "fulfilled" };
  expect(results).toMatchObject([kept, refused, kept, refused, kept]);
  expect(notes.texts).toEqual(["a", "b", "c"]);
});

test.each(["alone", "beside another"])(
  "work %s that ends its transaction and begins another is refused",
  async (how) => {
    await using notes = await NotesDatabase.open();
    const meddling = notes.database.transaction((tx) => {
      tx.run("COMMIT");
      tx.run("BEGIN");
      tx.run("INSERT INTO notes (text) VALUES ('lost')");
    });
    const other = how === "alone" ? null : notes.add("kept");
    await expect(meddling).rejects.toMatchObject({ code: "STORE_FAILED", message: expect.stringContaining("COMMIT") });
    await other;
    expect(notes.texts).toEqual(other === null ? [] : ["kept"]);
  },
);

test("does not hold the loop for all that waits", async () => {
  await using notes = await NotesDatabase.open();
  let done = 0;
  const slow = Array.from({ length: 20 }, () =>
    notes.database.transaction((tx) => {
      for (const until = performance.now() + 2; performance.now() < until; ) tx.get("SELECT 1");
      done++;
    }),
  );
  await loopTurn();
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(20);
  await Promise.all(slow);
});

test("waits for another connection's lock with the loop free", async () => {
  await using notes = await NotesDatabase.open({ busyTimeoutMs: 10_000 });
  const other = new DatabaseSync(notes.path);
  other.exec("BEGIN IMMEDIATE");
  const added = Promise.all([notes.add("a"), notes.add("b")]);
  let longest = 0;
  for (let turns = 0; turns < 50; turns++) {
    const from = performance.now();
    await loopTurn();
    longest = Math.max(longest, performance.now() - from);
  }
  expect(longest).toBeLessThan(1_000);
  other.exec("ROLLBACK");
  other.close();
  await added;
  expect(notes.texts).toEqual(["a", "b"]);
});

test("a relaxed commit is answered before it is synced; close, durable and a scan sync it", async () => {
  const steps = recordSteps();
  await using notes = await NotesDatabase.open({ durability: "relaxed", faults: steps.faults });
  await notes.add("a");
  expect(steps.take()).toEqual(["begin", "work", "commit"]);
  await notes.database.durable();
  expect(steps.take()).toEqual(["sync"]);
  await notes.database.durable();
  expect(steps.take()).toEqual([]);
  await notes.add("b");
  await notes.database.scan("SELECT 1");
  expect(steps.take()).toEqual(["begin", "work", "commit", "sync"]);
  await notes.add("c");
  await notes.database.close();
  expect(steps.take()).toEqual(["begin", "work", "commit", "sync", "close"]);
});

test.each([
  { options: {}, waits: true },
  { options: { readDurability: "relaxed" }, waits: false },
  { options: { durability: "relaxed" }, waits: false },
  { options: { durability: "relaxed", readDurability: "full" }, waits: true },
] as const)("what is not durable yet is confirmed to readers as $options says", async ({ options, waits }) => {
  let held: boolean | null = null;
  let notes: NotesDatabase | null = null;
  const faults: StoreFaults = {
    after: ({ operation }) => {
      // As soon as it can be read.
      if (operation === "commit" && notes !== null) queueMicrotask(() => (held = notes?.database.confirmed() !== null));
    },
  };
  await using opened = await NotesDatabase.open({ ...options, faults });
  notes = opened;
  expect(notes.database.confirmed()).toBeNull();
  await notes.add("a");
  expect(held).toBe(waits);
  await notes.database.durable();
  expect(notes.database.confirmed()).toBeNull();
});

test("a relaxed commit is synced soon by itself", async () => {
  const synced = Promise.withResolvers<void>();
  await using notes = await NotesDatabase.open({
    durability: "relaxed",
    faults: { after: ({ operation }) => void (operation === "sync" && synced.resolve()) },
  });
  await notes.add("a");
  await synced.promise;
});

test("who commits in a circle does not keep the loop from turning", async () => {
  for (const durability of ["full", "relaxed"] as const) {
    await using notes = await NotesDatabase.open({ durability });
    let stopped = false;
    const circle = (async () => {
      while (!stopped) await notes.database.transaction(() => {}).catch(() => {});
    })();
    const failing = (async () => {
      while (!stopped) {
        const broken = notes.database.transaction(() => {
          throw new RangeError("no");
        });
        await broken.catch(() => {});
      }
    })();
    for (let turns = 0; turns < 20; turns++) await loopTurn();
    stopped = true;
    await Promise.all([circle, failing]);
  }
});

test("close finishes what waits, and refuses what comes after", async () => {
  await using notes = await NotesDatabase.open();
  const added = notes.add("a");
  const closing = notes.database.close();
  await expect(notes.add("b")).rejects.toMatchObject({ code: "CLOSED" });
  await Promise.all([added, closing]);
  await notes.reopen();
  expect(notes.texts).toEqual(["a"]);
});
