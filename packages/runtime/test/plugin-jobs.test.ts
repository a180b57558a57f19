import { failStore, type Job, type JobUpdate } from "@spacedrive/jobs";
import { describe, expect, it } from "vitest";
import { createTestHost, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, type Text, watGuest } from "./wat-guest.js";

const ITEMS = (count: number): string => `(call $items (global.get $job) (i64.const ${count}))`;

function checkpoint(text: Text, state: string): string {
  return `(call $checkpoint (global.get $job) ${text(state)})`;
}

/** Waits in a host call until it is interrupted or stopped, looking for an interrupt again and again. */
const UNTIL_INTERRUPTED = "(loop $l (br_if $l (i32.eqz (call $interrupted (global.get $job)))))";

async function loadJob(
  host: TestHost,
  body: (text: Text) => string,
  options: { readonly manifest?: object; readonly job?: object } = {},
): Promise<void> {
  const jobs = [{ name: "work", export: "execute_work", ...options.job }];
  await host.write("finance", await watGuest((text) => job("execute_work", body(text))), { jobs, ...options.manifest });
  await host.plugins.load("finance");
}

function dispatch(host: TestHost, params?: unknown): Promise<Job> {
  return host.jobs.dispatch("finance:work", params, { library: host.library });
}

async function untilUpdate(work: Job, matches: (update: JobUpdate) => boolean): Promise<void> {
  for await (const update of work.updates()) if (matches(update)) return;
}

describe("a guest's export as a job", () => {
  it("runs to its end with progress, counts, warnings, checkpoint and result", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
        (call $progress (global.get $job) (f32.const 0.5) ${t("half way")})
        ${ITEMS(3)} (call $bytes (global.get $job) (i64.const 1000))
        (call $warning (global.get $job) ${t("odd \u001b[2J line")})
        (drop ${checkpoint(t, '{"n":1}')})
        (call $complete (global.get $job) ${t('{"total":3}')})
        (i32.const 0)`,
    );
    const record = await (await dispatch(host, { n: 0 })).done();
    expect(record).toMatchObject({
      type: "finance:work",
      status: "completed",
      state: '{"n":1}',
      result: '{"total":3}',
      checkpoint: 1,
      metrics: { items: 3, bytes: 1000 },
      warnings: ["odd \\x1b[2J line"],
      message: "half way",
      extensionVersion: "1.0.0",
    });
  });

  it("gets its state byte for byte, and nothing where there is none", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
      (if (i32.eqz (local.get $state_length)) (then (call $complete (global.get $job) ${t('"nothing"')}) (return (i32.const 0))))
      (call $complete (global.get $job) (local.get $state) (local.get $state_length)) (i32.const 0)`,
    );
    expect((await (await dispatch(host, { deep: ["ä", 1] })).done()).result).toBe('{"deep":["ä",1]}');
    expect((await (await dispatch(host)).done()).result).toBe('"nothing"');
  });

  it("refuses parameters that its schema refuses, at dispatch", async () => {
    await using host = await createTestHost();
    const state = { type: "object", properties: { target: { type: "integer" } }, required: ["target"] };
    await loadJob(host, () => "(i32.const 0)", { job: { state } });
    expect(await rejection(dispatch(host, { target: "many" }))).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/"finance:work".*target: /),
    });
    expect((await (await dispatch(host, { target: 3 })).done()).status).toBe("completed");
    await host.expectBystander();
  });

  it("fails where its result is no JSON, or not what its schema says", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      () => "(call $complete (global.get $job) (local.get $state) (local.get $state_length)) (i32.const 0)",
      {
        job: { result: { type: "string" } },
      },
    );
    expect(await (await dispatch(host, 3)).done()).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("does not fit the schema") },
    });
    expect((await (await dispatch(host, "fine")).done()).status).toBe("completed");
  });

  it("is refused a checkpoint that is not JSON, and goes on", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `(if (i32.eqz ${checkpoint(t, "{not json")}) (then (return (i32.const 9)))) (i32.const 0)`,
    );
    const record = await (await dispatch(host, { n: 0 })).done();
    expect(record).toMatchObject({ status: "completed", checkpoint: 0, state: '{"n":0}' });
    expect(host.logs).toContainEqual(
      expect.objectContaining({
        level: "warn",
        fields: expect.objectContaining({ extension: "finance", job: record.id }),
      }),
    );
  });

  it.each([
    ["1 without an interrupt", "(i32.const 1)", "JOB_FAILED", /returned 1 \(interrupted\), and nobody/],
    ["2", "(i32.const 2)", "JOB_FAILED", /returned 2 \(failed\) and gave no reason/],
    ["3 and asked for no wake-up", "(i32.const 3)", "JOB_FAILED", /call jobs\.wake_when first/],
    ["an unknown code", "(i32.const 77)", "GUEST_ABI_VIOLATION", /returned 77/],
  ])("that returns %s fails, and says what that means", async (_what, body, code, text) => {
    await using host = await createTestHost();
    await loadJob(host, () => body);
    const { status, error } = await (await dispatch(host)).done();
    expect(status).toBe("failed");
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(text);
    await host.expectBystander();
  });

  it("fails with the reason that it gave", async () => {
    await using host = await createTestHost();
    await loadJob(host, (t) => `(call $fail (global.get $job) ${t("the bank is closed")}) (i32.const 2)`);
    expect((await (await dispatch(host)).done()).error).toEqual({ code: "JOB_FAILED", message: "the bank is closed" });
  });

  it("that ends because the disk was full goes on from its last checkpoint once there is room", async () => {
    // Its dispatch, its claim and its first checkpoint are written; not its second one.
    await using host = await createTestHost({ faults: failStore({ operation: "work", at: 4, fault: "disk-full" }) });
    await loadJob(
      host,
      (t) => `
      (if ${checkpoint(t, "1")} (then (return (i32.const 2)))) ${ITEMS(1)}
      (if ${checkpoint(t, "2")} (then (return (i32.const 2)))) ${ITEMS(1)} (i32.const 0)`,
    );
    const done = await (await dispatch(host)).done();
    expect(done).toMatchObject({ status: "completed", attempt: 2, state: "2", metrics: { items: 2 } });
  });

  it("that ends because its state is refused fails with why, and with what it said itself", async () => {
    await using host = await createTestHost();
    const fail = (t: Text): string => `(call $fail (global.get $job) ${t("I cannot go on")}) (i32.const 2)`;
    await loadJob(host, (t) => `(drop ${checkpoint(t, "{not json")}) ${fail(t)}`);
    expect(await (await dispatch(host)).done()).toMatchObject({
      status: "failed",
      attempt: 1,
      error: { code: "INVALID_STATE", message: expect.stringMatching(/"finance:work" was refused.*I cannot go on/) },
    });
  });

  it("that returns 3 gives its instance back and goes on from its checkpoint once it is woken", async () => {
    await using host = await createTestHost();
    const wake = (text: Text): string =>
      `(drop (call $call ${text("action:jobs.wake_when.input.v1")} (i32.const 0) ${text('{"after_ms":20}')}))`;
    await loadJob(
      host,
      (t) => `
        (if (i32.eq (local.get $state_length) (i32.const 1)) (then
          ${wake(t)} (drop ${checkpoint(t, "42")}) (return (i32.const 3))))
        (call $complete (global.get $job) (local.get $state) (local.get $state_length)) (i32.const 0)`,
      { manifest: { permissions: { methods: ["jobs.wake_when"] } } },
    );
    const work = await dispatch(host, 1);
    await untilUpdate(work, ({ status }) => status === "suspended");
    expect(await work.done()).toMatchObject({ status: "completed", result: "42", attempt: 2, checkpoint: 1 });
  });

  it("that traps is tried again, fails with its stack in the end, and others go on", async () => {
    await using host = await createTestHost();
    await loadJob(host, () => "unreachable");
    const record = await (await dispatch(host)).done();
    expect(record).toMatchObject({
      status: "failed",
      error: { code: "GUEST_TRAPPED", message: expect.stringContaining("finance") },
      attempt: 5,
    });
    await host.expectBystander();
  });

  it("that is silent for too long is JOB_STALLED", async () => {
    await using host = await createTestHost({ limits: { silenceMs: 200 } });
    await loadJob(host, () => "(loop $l (br $l)) (i32.const 0)");
    expect((await (await dispatch(host)).done()).error?.code).toBe("JOB_STALLED");
    await host.expectBystander();
  });

  it("with another job's id is refused: no checkpoint, no progress", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
        (i32.store8 (global.get $job) (i32.xor (i32.load8_u (global.get $job)) (i32.const 255)))
        (call $progress (global.get $job) (f32.const 0.5) ${t("not mine")})
        (if (i32.ne (call $interrupted (global.get $job)) (i32.const 2)) (then (return (i32.const 9))))
        (if (i32.ne ${checkpoint(t, "{}")} (i32.const 1)) (then (return (i32.const 9))))
        (i32.const 0)`,
    );
    expect(await (await dispatch(host)).done()).toMatchObject({ checkpoint: 0, message: "" });
    await host.expectBystander();
  });

  it("calls operations as its extension and job, on its own library", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
        (global.set $reply (call $call ${t("query:test.whoami.v1")} (i32.const 0) ${t("{}")}))
        (call $complete (global.get $job) (i32.add (global.get $reply) (i32.const 4)) (i32.load (global.get $reply)))
        (i32.const 0)`,
      { manifest: { permissions: { methods: ["test."] } } },
    );
    const record = await (await dispatch(host)).done();
    expect(JSON.parse(record.result ?? "")).toEqual({
      library: host.library,
      caller: {
        kind: "extension",
        extension: "finance",
        job: { id: record.id, type: "finance:work", attempt: 1, library: host.library },
      },
    });
  });

  it("is denied what its extension was not granted", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
        (global.set $reply (call $call ${t("query:test.whoami.v1")} (i32.const 0) ${t("{}")}))
        (call $fail (global.get $job) (i32.add (global.get $reply) (i32.const 4)) (i32.load (global.get $reply)))
        (i32.const 2)`,
    );
    expect((await (await dispatch(host)).done()).error?.message).toContain("PERMISSION_DENIED");
  });

  it("on a library that its extension may not touch fails", async () => {
    await using host = await createTestHost();
    await loadJob(host, () => "(i32.const 0)", { manifest: { permissions: { libraries: [host.otherLibrary] } } });
    expect((await (await dispatch(host)).done()).error).toMatchObject({
      code: "LIBRARY_ACCESS_DENIED",
      message: expect.stringContaining(host.library),
    });
  });

  it("that plugin_init registers and no manifest declares is accepted, without schema", async () => {
    await using host = await createTestHost();
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init") (result i32) (call $register_job ${t("adhoc")} ${t("execute_adhoc")} (i32.const 1)))
        ${handler("execute_adhoc", "(i32.const 0)")}`,
    );
    await host.write("finance", guest);
    expect((await host.plugins.load("finance")).jobs).toEqual(["finance:adhoc"]);
    const work = await host.jobs.dispatch("finance:adhoc", { any: "thing" }, { library: host.library });
    expect((await work.done()).status).toBe("completed");
  });
});

describe("a guest's job that is interrupted", () => {
  /** Counts its runs in its state: 1 on the first, then completes. */
  const once = (text: Text, code: number): string => `
    (if (i32.eqz (local.get $state_length)) (then
      (call $progress (global.get $job) (f32.const 0.1) ${text("begun")})
      ${UNTIL_INTERRUPTED}
      (drop ${checkpoint(text, "1")})
      (return (i32.const ${code}))))
    (call $complete (global.get $job) (local.get $state) (local.get $state_length))
    (i32.const 0)`;

  it.each([
    ["1", 1],
    ["2, as Spacedrive's Rust SDK does,", 2],
  ])("pauses when it returns %s and goes on from its checkpoint when resumed", async (_what, code) => {
    await using host = await createTestHost();
    await loadJob(host, (t) => once(t, code));
    const work = await dispatch(host);
    await untilUpdate(work, ({ message }) => message === "begun");
    expect((await host.jobs.pause(work.id)).status).toBe("paused");
    await host.jobs.resume(work.id);
    expect(await work.done()).toMatchObject({ status: "completed", result: "1", attempt: 2 });
  });

  it("fails when it returns 2 with a reason of its own", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
      (call $progress (global.get $job) (f32.const 0.1) ${t("begun")})
      ${UNTIL_INTERRUPTED} (drop ${checkpoint(t, "1")}) (call $fail (global.get $job) ${t("broken")}) (i32.const 2)`,
    );
    const work = await dispatch(host);
    await untilUpdate(work, ({ message }) => message === "begun");
    await host.jobs.pause(work.id);
    expect((await work.done()).error?.message).toBe("broken");
  });

  it("by a cancel ends cancelled, also where it only waits for an operation", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
        (call $progress (global.get $job) (f32.const 0.1) ${t("begun")})
        (drop (call $call ${t("query:test.sleep.v1")} (i32.const 0) ${t("{}")})) (i32.const 1)`,
      { manifest: { permissions: { methods: ["test."] } } },
    );
    const work = await dispatch(host);
    await untilUpdate(work, ({ message }) => message === "begun");
    await host.jobs.cancel(work.id);
    expect((await work.done()).status).toBe("cancelled");
  });

  it("that never looks is stopped at the deadline and goes on from its checkpoint", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `
        (if (i32.eqz (local.get $state_length)) (then
          (drop ${checkpoint(t, "1")})
          (call $progress (global.get $job) (f32.const 0.1) ${t("begun")})
          (loop $l (br $l))))
        (i32.const 0)`,
    );
    const work = await dispatch(host);
    await untilUpdate(work, ({ checkpoint: made }) => made === 1);
    expect((await host.jobs.pause(work.id)).status).toBe("paused");
    await host.jobs.resume(work.id);
    expect(await work.done()).toMatchObject({ status: "completed", state: "1" });
  });

  it("by an unload waits in the queue, and goes on when the extension is loaded again", async () => {
    await using host = await createTestHost();
    await loadJob(host, (t) => once(t, 1));
    const work = await dispatch(host);
    await untilUpdate(work, ({ message }) => message === "begun");
    await host.plugins.unload("finance");
    const [waiting] = await host.jobs.list();
    expect(waiting).toMatchObject({
      id: work.id,
      status: "queued",
      state: "1",
      waitingFor: expect.stringContaining("finance is not loaded"),
    });
    await host.plugins.load("finance");
    expect(await work.done()).toMatchObject({ status: "completed", result: "1" });
  });

  it("by a reload goes on from its checkpoint in the new version", async () => {
    await using host = await createTestHost();
    await loadJob(host, (t) => once(t, 1));
    const work = await dispatch(host);
    await untilUpdate(work, ({ message }) => message === "begun");
    const next = await watGuest((t) =>
      job("execute_work", `(call $complete (global.get $job) ${t('"by the new version"')}) (i32.const 0)`),
    );
    await host.write("finance", next, { version: "2.0.0", jobs: [{ name: "work", export: "execute_work" }] });
    await host.plugins.reload("finance");
    expect(await work.done()).toMatchObject({
      status: "completed",
      state: "1",
      result: '"by the new version"',
      extensionVersion: "2.0.0",
    });
  });

  it("is left alone by a reload that fails", async () => {
    await using host = await createTestHost();
    await loadJob(host, (t) => once(t, 1));
    const work = await dispatch(host);
    await untilUpdate(work, ({ message }) => message === "begun");
    await host.write("finance", Buffer.from("garbage"));
    expect((await rejection(host.plugins.reload("finance"))).code).toBe("RELOAD_FAILED");
    expect(await work.record()).toMatchObject({ status: "running", attempt: 1 });
    await host.jobs.cancel(work.id);
  });
});

describe("the concurrent jobs of an extension", () => {
  it("are as many as granted, and one more waits", async () => {
    await using host = await createTestHost();
    await loadJob(
      host,
      (t) => `(call $progress (global.get $job) (f32.const 0.1) ${t("begun")}) ${UNTIL_INTERRUPTED} (i32.const 1)`,
      { manifest: { permissions: { rate_limits: { concurrent_jobs: 2 } } } },
    );
    const [first, second, third] = [await dispatch(host), await dispatch(host), await dispatch(host)];
    await Promise.all([first, second].map((work) => untilUpdate(work, ({ message }) => message === "begun")));
    expect((await third.record()).status).toBe("queued");
    await host.expectBystander();
    await host.jobs.cancel(first.id);
    await untilUpdate(third, ({ message }) => message === "begun");
    expect((await second.record()).status).toBe("running");
    await Promise.all([second, third].map((work) => host.jobs.cancel(work.id)));
  });
});
