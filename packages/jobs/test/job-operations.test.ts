import {
  createJobId,
  createLibraryId,
  createWire,
  formatMethod,
  isSpacedriveError,
  localUser,
  type Caller,
  type Gate,
  type LibraryDirectory,
  type LibraryId,
  type Wire,
} from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  JobManager,
  jobOperations,
  type JobStore,
  MemoryJobStore,
  SqliteDatabase,
  SqliteJobStore,
} from "../src/index.js";
import { ManualClock } from "./manual-clock.js";
import { COMPLETED, FAILED, INTERRUPTED, ScriptedJob } from "./scripted-job.js";
import { temporaryFolder } from "./temporary-folder.js";

const OPEN: Gate = { authorize() {}, limit() {} };
const dispatchReply = z.object({ job_id: z.string() });
const listReply = z.object({ jobs: z.array(dispatchReply) });
const finance: Caller = { kind: "extension", extension: "finance" };
const mail: Caller = { kind: "extension", extension: "mail" };

interface Host extends AsyncDisposable {
  readonly wire: Wire;
  readonly manager: JobManager;
  readonly library: LibraryId;
  readonly other: LibraryId;
  readonly imports: ScriptedJob;
  readonly natives: ScriptedJob;
  call(method: string, input: unknown, caller?: Caller, library?: LibraryId): Promise<unknown>;
  dispatch(type: string, caller?: Caller): Promise<string>;
}

/** Where the jobs lie: in a database whose transactions an action's effect shares, or where none can be shared. */
const PLACES = ["in a database", "in memory"] as const;

async function openHostOn(place: (typeof PLACES)[number]): Promise<Host> {
  const [library, other] = [createLibraryId(), createLibraryId()];
  const clock = new ManualClock();
  const folder = await temporaryFolder();
  const database = SqliteDatabase.open(folder.file("library.db"));
  const has = (id: LibraryId): boolean => id === library || id === other;
  const libraries: LibraryDirectory =
    place === "in memory" ? { has } : { has, transaction: (_id, work) => database.transaction(work) };
  const storeOf = (id: LibraryId): JobStore =>
    place === "in memory" ? new MemoryJobStore() : new SqliteJobStore(database, id);
  const wire = createWire([], { clock, libraries });
  const manager = new JobManager({ wire });
  for (const operation of jobOperations(manager)) wire.register(operation);
  wire.registerGate("finance", OPEN);
  wire.registerGate("mail", OPEN);
  const [imports, natives] = [new ScriptedJob({ extension: "finance" }), new ScriptedJob()];
  manager.register("finance:import", imports);
  manager.register("core.index", natives);
  await manager.attach(library, storeOf(library));
  await manager.attach(other, storeOf(other));
  const call: Host["call"] = (method, input, caller = localUser, on = library) =>
    wire.call(method, input, { caller, library: on });
  return {
    wire,
    manager,
    library,
    other,
    imports,
    natives,
    call,
    async dispatch(type, caller) {
      const reply = await call("action:jobs.dispatch.input.v1", { job_type: type, params: { n: 1 } }, caller);
      return dispatchReply.parse(reply).job_id;
    },
    async [Symbol.asyncDispose]() {
      const closed = manager.close();
      clock.advance(60_000);
      await closed;
      await database.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe.each(PLACES)("%s", (place) => {
  const openHost = (): Promise<Host> => openHostOn(place);

  test("dispatches a job and tells how it stands, in snake_case, with state and result as values", async () => {
    await using host = await openHost();
    const job_id = await host.dispatch("core.index");
    const attempt = await host.natives.next();
    expect(attempt.state).toBe('{"n":1}');
    attempt.context.addWarning("odd");
    attempt.context.incrementBytes(9);
    attempt.end({ kind: "completed", result: "[1]" });
    await (await host.manager.get(attempt.context.id)).done();
    expect(await host.call("query:jobs.get_status.v1", { job_id })).toMatchObject({
      job_id,
      job_type: "core.index",
      status: "completed",
      progress: 1,
      state: { n: 1 },
      result: [1],
      warnings: ["odd"],
      metrics: { bytes: 9, items: 0 },
      failure: null,
      parent: null,
      waiting_for: null,
      attempt: 1,
    });
  });

  test("tells the reason of a failure under a name that an output may have", async () => {
    await using host = await openHost();
    const job_id = await host.dispatch("core.index");
    const attempt = await host.natives.next();
    attempt.end(FAILED);
    await (await host.manager.get(attempt.context.id)).done();
    expect(await host.call("query:jobs.get_status.v1", { job_id })).toMatchObject({
      failure: { code: "JOB_FAILED", message: "it did not work" },
    });
  });

  test("pauses, resumes, retries and cancels", async () => {
    await using host = await openHost();
    const job_id = await host.dispatch("core.index");
    const order = (what: string): Promise<unknown> => host.call(`action:jobs.${what}.input.v1`, { job_id });

    let attempt = await host.natives.next();
    const pausing = order("pause");
    const { promise, resolve } = Promise.withResolvers<void>();
    attempt.context.onInterrupt(() => resolve());
    await promise;
    attempt.end(INTERRUPTED);
    expect(await pausing).toEqual({ job_id, status: "paused" });
    expect(await order("resume")).toEqual({ job_id, status: "queued" });

    attempt = await host.natives.next();
    attempt.end(FAILED);
    await (await host.manager.get(attempt.context.id)).done();
    expect(await order("retry")).toEqual({ job_id, status: "queued" });

    attempt = await host.natives.next();
    attempt.context.signal.addEventListener("abort", () => attempt.end(INTERRUPTED));
    expect(await order("cancel")).toEqual({ job_id, status: "cancelled" });
    await expect(order("retry")).rejects.toMatchObject({ code: "INVALID_TRANSITION" });
  });

  test("an extension dispatches its own jobs, by bare or full name, and no other's", async () => {
    await using host = await openHost();
    await host.dispatch("import", finance);
    await host.dispatch("finance:import", finance);
    await host.imports.next();
    await host.imports.next();
    for (const [type, caller] of [
      ["finance:import", mail],
      ["core.index", finance],
      ["core.index", mail],
    ] as const) {
      await expect(host.dispatch(type, caller)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    }
    await expect(host.dispatch("export", finance)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("to an extension another's job is as one that does not exist, for every operation", async () => {
    await using host = await openHost();
    const job_id = await host.dispatch("finance:import");
    const nowhere = createJobId();
    const attempt = await host.imports.next();
    for (const method of [
      "query:jobs.get_status.v1",
      ...["pause", "resume", "cancel", "retry"].map((what) => `action:jobs.${what}.input.v1`),
    ]) {
      const told = async (id: string): Promise<string> =>
        host.call(method, { job_id: id }, mail).then(
          () => "allowed",
          (error: unknown) =>
            isSpacedriveError(error) ? `${error.code} ${error.message.replace(id, "<id>")}` : "unknown",
        );
      expect(await told(job_id)).toMatch(/^NOT_FOUND/);
      expect(await told(job_id)).toBe(await told(nowhere));
    }
    expect(attempt.context.interrupt()).toBe("none");
    expect(await host.call("query:jobs.get_status.v1", { job_id }, finance)).toMatchObject({ status: "running" });
  });

  test("lists the library's jobs to a user, and to an extension its own", async () => {
    await using host = await openHost();
    const mine = await host.dispatch("finance:import");
    const native = await host.dispatch("core.index");
    const list = async (input: object, caller?: Caller): Promise<string[]> => {
      const reply = await host.call("query:jobs.list.v1", input, caller);
      return listReply.parse(reply).jobs.map(({ job_id }) => job_id);
    };
    await host.imports.next();
    await host.natives.next();
    expect(await list({})).toEqual([native, mine]);
    expect(await list({ limit: 1 })).toEqual([native]);
    expect(await list({ job_type: "core.index" })).toEqual([native]);
    expect(await list({ status: "queued" })).toEqual([]);
    expect(await list({ status: ["running", "failed"] })).toEqual([native, mine]);
    expect(await list({}, finance)).toEqual([mine]);
    expect(await list({ job_type: "import" }, finance)).toEqual([mine]);
    expect(await list({}, mail)).toEqual([]);
    await expect(list({ job_type: "core.index" }, finance)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    await expect(list({ limit: 1_001 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("to whom nothing is granted, none of the operations answers, and each says what it is for", async () => {
    await using host = await openHost();
    const operations = jobOperations(host.manager);
    expect(operations.map(({ name }) => name)).toContain("jobs.emit_event");
    for (const operation of operations) {
      expect(operation.description).toMatch(/^[A-Z].+\.$/);
      for (const caller of [
        { kind: "extension", extension: "stranger" } as const,
        { kind: "remote", client: "x" } as const,
      ]) {
        await expect(host.call(formatMethod(operation), {}, caller)).rejects.toMatchObject({
          code: "PERMISSION_DENIED",
        });
      }
    }
  });

  test("a job of another library is not found in this one", async () => {
    await using host = await openHost();
    const job_id = await host.dispatch("core.index");
    await host.natives.next();
    await expect(host.call("query:jobs.get_status.v1", { job_id }, localUser, host.other)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("a job that a job dispatches has it as its parent", async () => {
    await using host = await openHost();
    await host.dispatch("core.index");
    const parent = await host.natives.next();
    await parent.context.call("action:jobs.dispatch.input.v1", { job_type: "core.index" });
    const child = await host.natives.next();
    expect(child.state).toBeNull();
    expect((await host.manager.list({ parent: parent.context.id })).map(({ id }) => id)).toEqual([child.context.id]);
  });

  test("a job that pauses itself is not held up by waiting for its own end", async () => {
    await using host = await openHost();
    const job_id = await host.dispatch("core.index");
    const attempt = await host.natives.next();
    const { context } = attempt;
    expect(await context.call("action:jobs.pause.input.v1", { job_id })).toEqual({ job_id, status: "running" });
    expect(context.interrupt()).toBe("pause");
    attempt.end(INTERRUPTED);
    const updates = (await host.manager.get(context.id)).updates();
    let last = "";
    for await (const { status } of updates) last = status;
    expect(last).toBe("paused");
  });

  test("a job id that is no id is refused as such", async () => {
    await using host = await openHost();
    await expect(host.call("query:jobs.get_status.v1", { job_id: "../x" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    await expect(host.dispatch("")).rejects.toMatchObject({ code: "INVALID_INPUT" });
    const { natives } = host;
    await host.dispatch("core.index");
    (await natives.next()).end(COMPLETED);
  });
});
