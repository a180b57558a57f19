import { createLibraryId, SpacedriveError } from "@spacedrive/wire";
import { expect, test } from "vitest";
import { MemoryJobStore, SqliteDatabase, SqliteJobStore, type StoreFault, type StoreOperation } from "../src/index.js";
import { type JobHost, openJobHost } from "./job-host.js";
import { newJobIn } from "./new-job.js";
import { COMPLETED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { settled } from "./settled.js";
import { temporaryFolder } from "./temporary-folder.js";

/** A host on a database that fails when it is told to. */
async function openFaultyHost(): Promise<
  JobHost & { readonly script: ScriptedJob; break(operation: StoreOperation, fault: StoreFault): void; mend(): void }
> {
  const folder = await temporaryFolder();
  let broken: { readonly operation: StoreOperation; readonly fault: StoreFault } | null = null;
  const database = SqliteDatabase.open(folder.file("library.db"), {
    faults: { before: ({ operation }) => (operation === broken?.operation ? broken.fault : null) },
  });
  const library = createLibraryId();
  const host = await openJobHost({ store: new SqliteJobStore(database, library), library, maxRunning: 1 });
  const script = new ScriptedJob();
  host.manager.register("test.job", script);
  return {
    ...host,
    script,
    break: (operation, fault) => {
      broken = { operation, fault };
    },
    mend: () => {
      broken = null;
    },
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const CORRUPT = { code: "STORE_CORRUPT", retryable: false };

test("who waits for a job whose end the store refuses for good is told, and it stays as it was stored last", async () => {
  await using host = await openFaultyHost();
  const { library, manager, script } = host;
  const job = await manager.dispatch("test.job", 1, { library });
  const attempt = await script.next();
  await attempt.context.checkpoint("10");
  const done = job.done();
  const updates = (async () => {
    const statuses: string[] = [];
    try {
      for await (const { status } of job.updates()) statuses.push(status);
    } catch (error) {
      return { statuses, error };
    }
    return { statuses, error: null };
  })();
  await settled();
  host.break("work", "corrupt");
  attempt.end(COMPLETED);
  await expect(done).rejects.toMatchObject({ ...CORRUPT, message: expect.stringContaining(job.id) });
  expect(await updates).toMatchObject({ statuses: ["running"], error: CORRUPT });
  host.mend();

  // It stays what the disk says, and whoever asks from now on is told why.
  expect(await job.record()).toMatchObject({ status: "running", attempt: 1, state: "10" });
  await expect(job.done()).rejects.toMatchObject(CORRUPT);
  await expect(manager.cancel(job.id)).rejects.toMatchObject(CORRUPT);
  await expect(manager.pause(job.id)).rejects.toMatchObject(CORRUPT);
});

test("others go on in the place of a job that the store lost, and the next open of its library resumes it", async () => {
  await using host = await openFaultyHost();
  const { library, manager, script, store } = host;
  const [job, next] = [
    await manager.dispatch("test.job", 1, { library }),
    await manager.dispatch("test.job", 2, { library }),
  ];
  const attempt = await script.next();
  host.break("work", "corrupt");
  attempt.end(COMPLETED);
  await expect(job.done()).rejects.toMatchObject(CORRUPT);
  // Its claim was refused as well.
  await expect(next.done()).rejects.toMatchObject(CORRUPT);
  host.mend();
  expect(await next.record()).toMatchObject({ status: "queued", attempt: 0 });
  const third = await manager.dispatch("test.job", 3, { library });
  (await script.next()).end(COMPLETED);
  expect(await third.done()).toMatchObject({ status: "completed" });

  await manager.close();
  await using again = await openJobHost({ store, library });
  const resumed = new ScriptedJob();
  again.manager.register("test.job", resumed);
  const attempts = [await resumed.next(), await resumed.next()];
  expect(attempts.map(({ context }) => context.id).sort()).toEqual([job.id, next.id].sort());
  for (const each of attempts) each.end(COMPLETED);
  expect(await (await again.manager.get(job.id)).done()).toMatchObject({ status: "completed", attempt: 2 });
});

test("a job whose start the store refused can still be ordered about", async () => {
  await using host = await openFaultyHost();
  const { library, manager, script } = host;
  const [job, waiting] = [
    await manager.dispatch("test.job", 1, { library }),
    await manager.dispatch("test.job", 2, { library }),
  ];
  const attempt = await script.next();
  host.break("work", "corrupt");
  attempt.end(INTERRUPTED);
  await expect(job.done()).rejects.toMatchObject(CORRUPT);
  await expect(waiting.done()).rejects.toMatchObject(CORRUPT);
  host.mend();
  await manager.pause(waiting.id);
  await manager.resume(waiting.id);
  (await script.next()).end(COMPLETED);
  expect(await waiting.done()).toMatchObject({ status: "completed" });
});

test("an end that the store refuses while the host closes is told as the close that it is", async () => {
  await using host = await openFaultyHost();
  const { library, manager, script } = host;
  const job = await manager.dispatch("test.job", 1, { library });
  const attempt = await script.next();
  const done = job.done();
  done.catch(() => {});
  await settled();
  host.break("commit", "disk-full");
  const closing = manager.close();
  attempt.end(INTERRUPTED);
  await closing;
  await expect(done).rejects.toMatchObject({ code: "CLOSED" });
  host.mend();
});

/** Refuses every change of its jobs for good, and counts what it is asked. */
class DamagedStore extends MemoryJobStore {
  asked = 0;
  tried = 0;

  override update(): Promise<never> {
    this.tried++;
    return Promise.reject(new SpacedriveError("STORE_CORRUPT", "damaged"));
  }

  override queued(...given: Parameters<MemoryJobStore["queued"]>): ReturnType<MemoryJobStore["queued"]> {
    this.asked++;
    return super.queued(...given);
  }
}

test("jobs that cannot start are tried once, however many they are", async () => {
  const [store, library] = [new DamagedStore(), createLibraryId()];
  const jobs = Array.from({ length: 1_300 }, () => newJobIn(library));
  for (const job of jobs) await store.insert(job);
  await using host = await openJobHost({ store, library });
  host.manager.register("test.job", new ScriptedJob());
  for (const { id } of jobs) {
    await expect((await host.manager.get(id)).done()).rejects.toMatchObject(CORRUPT);
  }
  await settled();
  expect(store.tried).toBe(jobs.length);
  expect(store.asked).toBeLessThan(8);
});
