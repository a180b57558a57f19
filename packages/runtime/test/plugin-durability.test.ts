import type { Job, JobUpdate } from "@spacedrive/jobs";
import { defineQuery } from "@spacedrive/wire";
import { expect, it } from "vitest";
import { z } from "zod";
import { createTestHost, operation, type TestHost } from "./plugin-host.js";
import { handler, job, type Text, watGuest } from "./wat-guest.js";

const APPEND = "action:test.append.input.v1";
const HOLD = "query:test.hold.v1";
const BOOK = "action:ledger:book.input.v1";

const UNTIL_INTERRUPTED = "(loop $l (br_if $l (i32.eqz (call $interrupted (global.get $job)))))";

function call(text: Text, method: string, payload: object = {}): string {
  return `(global.set $reply (call $call ${text(method)} (i32.const 0) ${text(JSON.stringify(payload))}))`;
}

function append(text: Text, message: string): string {
  return call(text, APPEND, { message });
}

const COMPLETE_WITH_REPLY = `
  (call $complete (global.get $job) (i32.add (global.get $reply) (i32.const 4)) (i32.load (global.get $reply)))
  (i32.const 0)`;

const MANIFEST = {
  jobs: [{ name: "work", export: "execute_work" }],
  permissions: { methods: ["test.", "ledger:book"] },
};

async function writeFinance(host: TestHost, body: (text: Text) => string, version = "1.0.0"): Promise<void> {
  await host.write("finance", await watGuest((text) => job("execute_work", body(text))), { ...MANIFEST, version });
}

/** An extension with the action `book`. */
async function loadLedger(host: TestHost, body: (text: Text) => string): Promise<void> {
  const guest = await watGuest((text) => handler("action_book_v1", `${body(text)} (global.get $reply)`));
  await host.write("ledger", guest, {
    operations: [operation("book", { kind: "action" })],
    permissions: { methods: ["test."] },
  });
  await host.plugins.load("ledger");
}

/** A query that answers only to those who ask it a second time. The promise resolves when it is asked the first time. */
function registerHold(host: TestHost): Promise<void> {
  const held = Promise.withResolvers<void>();
  let asked = 0;
  host.wire.register(
    defineQuery({
      name: "test.hold",
      scope: "library",
      input: z.object({}),
      output: z.object({}),
      async run({ signal }) {
        if (++asked > 1) return {};
        held.resolve();
        return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
      },
    }),
  );
  return held.promise;
}

function dispatch(host: TestHost): Promise<Job> {
  return host.jobs.dispatch("finance:work", undefined, { library: host.library });
}

async function untilUpdate(work: Job, matches: (update: JobUpdate) => boolean): Promise<void> {
  for await (const update of work.updates()) if (matches(update)) return;
}

it("a job that is stopped inside another extension's action resumes it, and what that had done is not done again", async () => {
  await using host = await createTestHost();
  const held = registerHold(host);
  await loadLedger(host, (text) => `${append(text, "booked")} ${call(text, HOLD)} ${append(text, "closed")}`);
  await writeFinance(host, (text) => `${append(text, "mine")} ${call(text, BOOK)} ${COMPLETE_WITH_REPLY}`);
  await host.plugins.load("finance");
  const work = await dispatch(host);
  await held;
  await host.jobs.pause(work.id);
  expect(host.lines()).toEqual(["mine", "booked"]);
  await host.jobs.resume(work.id);
  expect(await work.done()).toMatchObject({ status: "completed", result: '{"row":3}', attempt: 2, warnings: [] });
  expect(host.lines()).toEqual(["mine", "booked", "closed"]);
});

it("an action of another extension called from a job is recorded under the caller's record: it is not even asked again", async () => {
  await using host = await createTestHost();
  const held = registerHold(host);
  await loadLedger(host, (text) => `${append(text, "booked")} ${append(text, "closed")}`);
  await writeFinance(host, (text) => `${call(text, BOOK)} ${call(text, HOLD)} ${call(text, BOOK)} (i32.const 0)`);
  await host.plugins.load("finance");
  const work = await dispatch(host);
  await held;
  await host.jobs.pause(work.id);
  await host.plugins.unload("ledger");
  await host.jobs.resume(work.id);
  expect(await work.done()).toMatchObject({ status: "completed", attempt: 2, warnings: [] });
  expect(host.lines()).toEqual(["booked", "closed"]);
});

it("an extension reloaded with changed code while its job is paused: the job is warned, and makes no effect twice", async () => {
  await using host = await createTestHost();
  const held = registerHold(host);
  await writeFinance(host, (text) => `${append(text, "one")} ${append(text, "two")} ${call(text, HOLD)} (i32.const 0)`);
  await host.plugins.load("finance");
  const work = await dispatch(host);
  await held;
  await host.jobs.pause(work.id);
  await writeFinance(
    host,
    (text) => `${append(text, "new")} ${append(text, "two")} ${append(text, "one")} ${COMPLETE_WITH_REPLY}`,
    "2.0.0",
  );
  await host.plugins.reload("finance");
  await host.jobs.resume(work.id);
  const done = await work.done();
  expect(done).toMatchObject({ status: "completed", extensionVersion: "2.0.0", result: '{"row":1}' });
  expect(done.warnings).toEqual([expect.stringContaining("Has its code changed?")]);
  expect(host.lines()).toEqual(["one", "two", "new"]);
});

it("a guest that resumes is not told of a pause before it has made its recorded calls again", async () => {
  await using host = await createTestHost();
  await writeFinance(
    host,
    (text) => `
      (call $progress (global.get $job) (f32.const 0.1) ${text("begun")})
      (loop $spin
        (if (call $interrupted (global.get $job)) (then (return (i32.const 9))))
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (br_if $spin (i32.lt_u (global.get $calls) (i32.const 20000000))))
      ${append(text, "one")}
      (call $progress (global.get $job) (f32.const 0.2) ${text("appended")})
      ${UNTIL_INTERRUPTED}
      (i32.const 1)`,
  );
  await host.plugins.load("finance");
  const work = await dispatch(host);
  await untilUpdate(work, ({ message }) => message === "appended");
  await host.jobs.pause(work.id);
  await host.jobs.resume(work.id);
  await untilUpdate(work, ({ attempt, message }) => attempt === 2 && message === "begun");
  expect(await host.jobs.pause(work.id)).toMatchObject({ status: "paused", attempt: 2, error: null });
  expect(host.lines()).toEqual(["one"]);
});
