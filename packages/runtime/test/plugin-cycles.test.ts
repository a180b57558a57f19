import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, relay, type Text, watGuest } from "./wat-guest.js";

const run = promisify(execFile);

const STEPS = 12;
const APPEND = "action:test.append.input.v1";

/** Notes what it is told, says its version, and has a job of many steps, each with an effect. */
function busy(version: number): (text: Text) => string {
  return (text) => `
    ${relay(text, "action_note_v1", APPEND)}
    ${handler("query_version_v1", `(call $block ${text(`${version}`)})`)}
    ${job(
      "execute_work",
      `${Array.from(
        { length: STEPS },
        (_, step) => `
          (drop (call $call ${text(APPEND)} (i32.const 0) ${text(JSON.stringify({ message: `step ${step}` }))}))
          (if (call $interrupted (global.get $job)) (then (return (i32.const 1))))`,
      ).join("")} (i32.const 0)`,
    )}`;
}

const MANIFEST = {
  permissions: { methods: ["test."], rate_limits: { concurrent_jobs: 4 } },
  jobs: [{ name: "work", export: "execute_work" }],
  operations: [operation("note", { kind: "action" }), operation("version")],
};

async function write(host: TestHost, version: number): Promise<void> {
  await host.write("finance", await watGuest(busy(version)), { ...MANIFEST, version: `${version}.0.0` });
}

describe("reloads while calls and jobs run", () => {
  it("lose none and do none twice, and a broken version leaves the old one serving", async () => {
    await using host = await createTestHost({ maxInstances: 2 });
    await write(host, 1);
    await host.plugins.load("finance");
    let reloading = true;
    const noted: string[] = [];
    const caller = async (name: string): Promise<void> => {
      for (let turn = 0; reloading; turn++) {
        const message = `${name} ${turn}`;
        await host.call("action:finance:note.input.v1", { message });
        noted.push(message);
      }
    };
    const callers = ["a", "b", "c", "d"].map(caller);
    const dispatched = Array.from({ length: 6 }, () =>
      host.jobs.dispatch("finance:work", {}, { library: host.library }),
    );
    const jobs = await Promise.all(dispatched);
    for (let version = 2; version <= 9; version++) {
      const broken = version % 3 === 0;
      if (broken)
        await host.write("finance", await watGuest(() => '(func (export "plugin_init") unreachable)'), MANIFEST);
      else await write(host, version);
      const outcome = await host.plugins.reload("finance").then(
        () => "reloaded",
        (error: { readonly code: string }) => error.code,
      );
      expect(outcome).toBe(broken ? "RELOAD_FAILED" : "reloaded");
      expect(await host.call("query:finance:version.v1")).toBe(broken ? version - 1 : version);
    }
    reloading = false;
    await Promise.all(callers);
    const done = await Promise.all(jobs.map((one) => one.done()));
    expect(done.map(({ status }) => status)).toEqual(jobs.map(() => "completed"));
    expect(noted.length).toBeGreaterThan(20);
    const steps = Array.from({ length: STEPS }, (_, step) => jobs.map(() => `step ${step}`)).flat();
    expect(host.lines().toSorted()).toEqual([...noted, ...steps].toSorted());
    await host.expectBystander();
  });
});

describe("loading and unloading 1,000 times", () => {
  it("leaves threads, files, what keeps the process alive, heap and memory where they were", async () => {
    await using host = await createTestHost();
    const guest = await watGuest(
      (t) => `${handler("query_fine_v1", `(call $block ${t("1")})`)} ${handler("query_trap_v1", "unreachable")}`,
    );
    const operations = ["fine", "trap"].map((name) => operation(name, { scope: "host" }));
    await host.write("one", guest, { operations });
    const program = path.join(import.meta.dirname, "programs", "loads-and-unloads.mjs");
    const { stdout } = await run(process.execPath, ["--expose-gc", program, host.dir, "1000"], { timeout: 60_000 });
    const { before, after } = JSON.parse(stdout);
    // A spare thread, with its files, may be being made just now.
    expect(after.threads).toBeLessThanOrEqual(before.threads + 2);
    expect(after.files).toBeLessThanOrEqual(before.files + 20);
    expect(after.resources).toBeLessThanOrEqual(before.resources);
    expect(after.operations).toBe(before.operations);
    expect(after.heapMb - before.heapMb).toBeLessThan(3);
    // One instance that stays in 20 cycles would be more.
    expect(after.rssMb - before.rssMb).toBeLessThan(60);
  }, 90_000);
});

describe("200 extensions", () => {
  it("cost no thread until they are used, and some while later none again", async () => {
    await using host = await createTestHost();
    const guest = await watGuest((t) => handler("query_fine_v1", `(call $block ${t("1")})`));
    const ids = Array.from({ length: 200 }, (_, index) => `extension-${index}`);
    const operations = [operation("fine", { scope: "host" })];
    for (const id of ids) await host.write(id, guest, { operations });
    const program = path.join(import.meta.dirname, "programs", "loads-many.mjs");
    const { stdout } = await run(process.execPath, [program, host.dir], { timeout: 60_000 });
    const { loaded, used, idle } = JSON.parse(stdout);
    // A spare one, and those of the loads at the same time.
    expect(loaded).toBeLessThanOrEqual(1 + 8);
    expect(used).toBeLessThanOrEqual(loaded + 3);
    expect(idle).toBeLessThanOrEqual(1);
  }, 90_000);
});

describe("two extensions", () => {
  it("do not see each other's memory, neither side by side nor in one thread after the other", async () => {
    await using host = await createTestHost({ maxIdleInstances: 0 });
    const guest = (secret: string): Promise<Uint8Array> =>
      watGuest(
        (t) => `
          ${handler(
            "query_keep_v1",
            `(memory.copy (i32.const 150000) ${t(secret)}) (drop (memory.grow (i32.const 8)))
             (memory.fill (i32.const 200000) (i32.const 83) (i32.const 400000)) (call $block ${t("1")})`,
          )}
          (func (export "look") (result i32) (local $at i32) (local $sum i32)
            (drop (memory.grow (i32.const 8)))
            (local.set $at (i32.const 131072))
            (loop $next
              (local.set $sum (i32.or (local.get $sum) (i32.load (local.get $at))))
              (local.set $at (i32.add (local.get $at) (i32.const 4)))
              (br_if $next (i32.lt_u (local.get $at) (i32.const 700000))))
            (local.get $sum))`,
      );
    for (const id of ["one", "two"]) {
      await host.write(id, await guest(`the secret of ${id}`), { operations: [operation("keep")] });
      await host.plugins.load(id);
    }
    for (let round = 0; round < 20; round++) {
      const kept = host.call("query:one:keep.v1");
      expect(await host.plugins.call("two", "look", { library: host.library })).toBe(0);
      expect(await kept).toBe(1);
      expect(await host.plugins.call("two", "look", { library: host.library })).toBe(0);
      expect(await host.plugins.call("one", "look", { library: host.otherLibrary })).toBe(0);
    }
  });

  it("have each its own jobs: another's id is refused, whatever is asked of it", async () => {
    await using host = await createTestHost();
    const inside = Promise.withResolvers<void>();
    const spins = "(loop $l (br_if $l (i32.eqz (call $interrupted (global.get $job))))) (i32.const 1)";
    const victim = await watGuest((t) =>
      job("execute_work", `(call $progress (global.get $job) (f32.const 0.5) ${t("mine")}) ${spins}`),
    );
    await host.write("one", victim, { jobs: [{ name: "work", export: "execute_work" }] });
    await host.plugins.load("one");
    const work = await host.jobs.dispatch("one:work", {}, { library: host.library });
    void (async () => {
      for await (const update of work.updates()) if (update.message === "mine") return inside.resolve();
    })();
    await inside.promise;

    const bytes = work.id.replaceAll("-", "").replaceAll(/../g, "\\$&");
    const thief = await watGuest(
      (t) => `(data (i32.const 512) "${bytes}")
        ${job(
          "execute_work",
          `(call $progress (i32.const 512) (f32.const 0.9) ${t("stolen")})
           (call $warning (i32.const 512) ${t("stolen")})
           (call $items (i32.const 512) (i64.const 7))
           (call $fail (i32.const 512) ${t("stolen")})
           (call $complete (i32.const 512) ${t('"stolen"')})
           (if (i32.ne (call $checkpoint (i32.const 512) ${t('"stolen"')}) (i32.const 1)) (then unreachable))
           (if (i32.ne (call $interrupted (i32.const 512)) (i32.const 2)) (then unreachable))
           (i32.const 0)`,
        )}
        ${relay(t, "query_status_v1", "query:jobs.get_status.v1")}
        ${relay(t, "action_cancel_v1", "action:jobs.cancel.input.v1")}
        ${relay(t, "action_dispatch_v1", "action:jobs.dispatch.input.v1")}`,
    );
    await host.write("two", thief, {
      permissions: { methods: ["query:", "action:", "jobs."] },
      jobs: [{ name: "work", export: "execute_work" }],
      operations: [
        operation("status"),
        operation("cancel", { kind: "action" }),
        operation("dispatch", { kind: "action" }),
      ],
    });
    await host.plugins.load("two");
    const theft = await host.jobs.dispatch("two:work", {}, { library: host.library });
    expect(await theft.done()).toMatchObject({ status: "completed", result: null });
    const asked = [
      host.call("query:two:status.v1", { job_id: work.id }),
      host.call("action:two:cancel.input.v1", { job_id: work.id }),
      host.call("action:two:dispatch.input.v1", { job_type: "one:work", params: {} }),
    ];
    for (const outcome of asked) expect(["NOT_FOUND", "PERMISSION_DENIED"]).toContain((await rejection(outcome)).code);
    expect(await work.record()).toMatchObject({
      status: "running",
      progress: 0.5,
      message: "mine",
      warnings: [],
      metrics: { items: 0 },
      checkpoint: 0,
    });
    await host.jobs.cancel(work.id);
  });

  it("register each under its own name: one can neither take nor shadow another's, nor the host's", async () => {
    await using host = await createTestHost();
    const guest = (answer: string): Promise<Uint8Array> =>
      watGuest((t) => handler("query_hello_v1", `(call $block ${t(answer)})`));
    await host.write("two", await guest('"from two"'), { operations: [operation("hello")] });
    await host.plugins.load("two");
    expect(await host.call("query:two:hello.v1")).toBe("from two");
    await host.expectBystander();
    const steals = await watGuest(
      (t) => `
        (func (export "plugin_init") (result i32)
          (drop (call $register_operation (i32.const 0) ${t("bystander:hello.v1")} ${t("query_hello_v1")}))
          (drop (call $register_job ${t("bystander:work")} ${t("query_hello_v1")} (i32.const 1)))
          (i32.const 0))
        ${handler("query_hello_v1", `(call $block ${t('"stolen"')})`)}`,
    );
    await host.write("thief", steals, { operations: [operation("hello")] });
    expect((await rejection(host.plugins.load("thief"))).code).toBe("REGISTRATION_REFUSED");
    await host.plugins.unload("two");
    expect((await rejection(host.call("query:two:hello.v1"))).code).toBe("NOT_FOUND");
    await host.expectBystander();
  });
});
