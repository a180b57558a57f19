import type { StoreFault, StoreFaults, StoreOperation } from "@spacedrive/jobs";
import { defineJob } from "@spacedrive/jobs";
import { type Logger, localUser, silentLogger } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createEntry, listEntries, openCore, reopenLibrary, updateMetadata } from "../src/index.js";
import { expectCode } from "./expect-code.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary } from "./test-library.js";

const note = { name: "Note", path: "notes", entry_type: "note" };

/** A store in which operations on the files whose path ends so fail, as often as is wanted. */
function breakable(): {
  readonly faults: StoreFaults;
  fail(file: string, operation: StoreOperation, fault: StoreFault, times: number): void;
} {
  let plan: {
    readonly file: string;
    readonly operation: StoreOperation;
    readonly fault: StoreFault;
    times: number;
  } | null = null;
  return {
    fail(file, operation, fault, times) {
      plan = { file, operation, fault, times };
    },
    faults: {
      before({ operation, path }) {
        if (plan === null || operation !== plan.operation || !path.endsWith(plan.file) || plan.times === 0) return null;
        plan.times--;
        return plan.fault;
      },
    },
  };
}

/** What is logged as an error. */
function recordErrors(): { readonly logger: Logger; readonly errors: string[] } {
  const errors: string[] = [];
  return { errors, logger: { ...silentLogger, error: (_fields, message) => void errors.push(message ?? "") } };
}

/** Raises an entry's count, one effect for each step. */
const countUp = defineJob({
  type: "test.count_up",
  state: z.object({ entry: z.string(), count: z.int().default(0), target: z.int() }),
  async run(ctx, state) {
    while (state.count < state.target) {
      await ctx.call(updateMetadata, { entry_id: state.entry, metadata: { count: state.count + 1 } });
      state.count++;
      await ctx.checkpoint(state);
    }
  },
});

describe("a library whose disk fails", () => {
  it("is told of once, by its name, stays failed until it is reopened, and keeps no other from working", async () => {
    await using dir = await tempFolder();
    const store = breakable();
    const { logger, errors } = recordErrors();
    await using home = await openTestLibrary(dir.path, { store: { faults: store.faults }, logger });
    const { core } = home;
    const work = await core.libraries.open("work");
    const events: unknown[] = [];
    core.libraries.events.on("store-failed", ({ library, error, reopens }) =>
      events.push([library?.name, error.code, reopens]),
    );
    core.libraries.events.on("store-failed", () => {
      throw new Error("a listener's fault");
    });
    core.libraries.events.on("store-reopened", ({ library }) => events.push([library?.name]));
    const kept = await home.call(createEntry, note);
    core.jobs.register(countUp);

    store.fail("home/library.db", "sync", "io-error", 1);
    const lost = await expectCode(home.call(createEntry, note), "STORE_FAILED");
    expect(lost).toMatchObject({ retryable: false, details: { unconfirmed: true } });
    const refused = await expectCode(home.call(listEntries, {}), "STORE_FAILED");
    expect(refused.message).toContain("libraries.reopen()");
    expect(events).toEqual([["home", "STORE_FAILED", false]]);
    expect(errors).toEqual([expect.stringContaining('library "home" has failed'), expect.stringContaining("listener")]);
    await core.wire.call(createEntry, note, { caller: localUser, library: work.id });

    await core.libraries.reopen(home.library.id);
    expect(events.at(-1)).toEqual(["home"]);
    // The same library as before: nobody has to ask for it anew.
    expect(await home.call(listEntries, {})).toEqual([kept]);
    await home.call(createEntry, note);
    expect(core.libraries.get(home.library.id)).toBe(home.library);
  });

  it("lets its jobs go on when it is reopened, by an operation, too", async () => {
    await using dir = await tempFolder();
    const store = breakable();
    await using home = await openTestLibrary(dir.path, { store: { faults: store.faults } });
    const { core, library } = home;
    core.jobs.register(countUp);
    const { id: entry } = await home.call(createEntry, note);
    const job = await core.jobs.dispatch(countUp, { entry, target: 30 }, { library: library.id });
    for await (const { checkpoint } of job.updates()) if (checkpoint >= 5) break;
    const done = job.done();
    store.fail("home/library.db", "sync", "io-error", 1);
    await expectCode(done, "STORE_FAILED");
    await core.wire.call(reopenLibrary, { name: "home" }, { caller: localUser });
    expect(await job.done()).toMatchObject({ status: "completed" });
    expect(await home.call(listEntries, {})).toMatchObject([{ metadata: { count: 30 } }]);
    await expectCode(core.wire.call(reopenLibrary, { name: "away" }, { caller: localUser }), "NOT_FOUND");
  });

  it("is reopened while it works without harm to its jobs", async () => {
    await using dir = await tempFolder();
    const { logger, errors } = recordErrors();
    await using home = await openTestLibrary(dir.path, { logger });
    home.core.jobs.register(countUp);
    const { id: entry } = await home.call(createEntry, note);
    const job = await home.core.jobs.dispatch(countUp, { entry, target: 60 }, { library: home.library.id });
    const done = job.done();
    for await (const { checkpoint } of job.updates()) if (checkpoint >= 5) break;
    await home.core.libraries.reopen(home.library.id);
    await home.core.libraries.reopen(null);
    expect(await done).toMatchObject({ status: "completed" });
    expect(await home.call(listEntries, {})).toMatchObject([{ metadata: { count: 60 } }]);
    expect(errors).toEqual([]);
  });
});

describe("a disk that is full for a while", () => {
  it("is survived: the library opens itself again, and its jobs go on and complete without anybody's doing", async () => {
    await using dir = await tempFolder();
    const store = breakable();
    await using home = await openTestLibrary(dir.path, { store: { faults: store.faults, reopenMs: 1 } });
    const { core, library } = home;
    core.jobs.register(countUp);
    const { id: entry } = await home.call(createEntry, note);
    const job = await core.jobs.dispatch(countUp, { entry, target: 30 }, { library: library.id });
    const done = job.done();
    for await (const { checkpoint } of job.updates()) if (checkpoint >= 5) break;
    const reopens: boolean[] = [];
    core.libraries.events.on("store-failed", (event) => reopens.push(event.reopens));
    store.fail("home/library.db", "sync", "disk-full", 8);
    expect(await done).toMatchObject({ status: "completed", attemptsSinceProgress: 0 });
    expect(reopens).not.toEqual([]);
    expect(reopens).not.toContain(false);
    expect(await home.call(listEntries, {})).toMatchObject([{ metadata: { count: 30 } }]);
  });

  it("is survived by the host's own database, too", async () => {
    await using dir = await tempFolder();
    const store = breakable();
    await using core = await openCore({ dataDir: dir.path, store: { faults: store.faults, reopenMs: 1 } });
    const reopened = new Promise<unknown>((resolve) => core.libraries.events.once("store-reopened", resolve));
    store.fail("host.db", "sync", "disk-full", 3);
    await expectCode(
      core.libraries.transaction(null, (tx) => tx.run("PRAGMA user_version = 0")),
      "DISK_FULL",
    );
    expect(await reopened).toEqual({ library: null });
    await core.libraries.transaction(null, (tx) => tx.run("PRAGMA user_version = 0"));
  });
});
