import { defineQuery, localUser } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { DEFAULT_GUEST_LIMITS } from "../src/index.js";
import { GO, loadFinance, relayTo } from "./finance-extension.js";
import { createTestHost, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, watGuest } from "./wat-guest.js";

const FEW = { maxPayloadValues: 10, maxStateValues: 10 };

/** A list of this many values, itself counted. */
function values(count: number): readonly 1[] {
  return Array.from({ length: count - 1 }, () => 1);
}

/** Answers how many bytes it was given. */
function registerSize(host: TestHost): void {
  host.wire.register(
    defineQuery({
      name: "test.size",
      scope: "host",
      input: z.unknown(),
      output: z.number(),
      run: (_ctx, input) => JSON.stringify(input).length,
    }),
  );
}

describe("the JSON values of what a guest sends", () => {
  it("to an operation are as many as the limit, and one more is PAYLOAD_TOO_LARGE", async () => {
    await using host = await createTestHost({ limits: FEW });
    registerSize(host);
    await loadFinance(host, relayTo("query:test.size.v1"));
    expect(await host.call(GO, values(10))).toBe(19);
    expect(await rejection(host.call(GO, values(11)))).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      message: expect.stringContaining("10 JSON values"),
    });
    expect(await host.call(GO, { a: { b: 1 }, c: [2] })).toBe(21);
    expect((await rejection(host.call(GO, { a: { b: 1 }, c: [2, 3, 4, 5] }))).code).toBe("PAYLOAD_TOO_LARGE");
    await host.expectBystander();
  });

  it("as an answer are as many as the limit, and one more is REPLY_TOO_LARGE", async () => {
    await using host = await createTestHost({ limits: FEW });
    await loadFinance(host, () => handler("query_go_v1", "(call $block (local.get $input) (local.get $input_length))"));
    expect(await host.call(GO, values(10))).toEqual(values(10));
    expect(await rejection(host.call(GO, values(11)))).toMatchObject({
      code: "REPLY_TOO_LARGE",
      message: expect.stringContaining("10 JSON values"),
    });
    await host.expectBystander();
  });

  it.each([
    [
      "in a call of a job",
      `(call $complete (global.get $job) (i32.add (global.get $reply) (i32.const 4)) (i32.load (global.get $reply))) (i32.const 0)`,
    ],
    ["as a result", "(call $complete (global.get $job) (local.get $state) (local.get $state_length)) (i32.const 0)"],
    [
      "as a state",
      "(i32.mul (i32.const 2) (call $checkpoint (global.get $job) (local.get $state) (local.get $state_length)))",
    ],
  ])("%s are bounded as well", async (_what, end) => {
    await using host = await createTestHost({ limits: FEW });
    registerSize(host);
    await host.write(
      "finance",
      await watGuest((t) =>
        job(
          "execute_go",
          `(global.set $reply (call $call ${t("query:test.size.v1")} (i32.const 0) (local.get $state) (local.get $state_length))) ${end}`,
        ),
      ),
      { permissions: { methods: ["test."] }, jobs: [{ name: "go", export: "execute_go" }] },
    );
    await host.plugins.load("finance");
    const run = async (state: unknown): Promise<string> => {
      const started = await host.jobs.dispatch("finance:go", state, { library: host.library });
      const record = await started.done().catch((error: unknown) => error);
      return JSON.stringify(record);
    };
    expect(await run(values(10))).not.toContain("TOO_LARGE");
    expect(host.logs.map(({ message }) => message).join("\n")).not.toContain("10 JSON values");
    host.logs.length = 0;
    const told = [await run(values(11)), ...host.logs.map(({ message }) => message)].join("\n");
    expect(told).toMatch(/TOO_LARGE|10 JSON values/);
    await host.expectBystander();
  });

  it("of a call that its gate refuses are not counted: that costs nothing", async () => {
    await using host = await createTestHost({ limits: FEW });
    await loadFinance(host, relayTo("query:jobs.list.v1"));
    expect((await rejection(host.call(GO, values(11)))).code).toBe("PERMISSION_DENIED");
  });

  it("are 250,000 where the integrator says nothing, of 16 MB of numbers eight million", async () => {
    expect(DEFAULT_GUEST_LIMITS.maxPayloadValues).toBe(250_000);
    await using host = await createTestHost();
    registerSize(host);
    await loadFinance(host, relayTo("query:test.size.v1"));
    const send = (count: number): Promise<string> =>
      host.wire.callJson(GO, JSON.stringify(values(count)), { caller: localUser, library: host.library });
    expect(await send(250_000)).toBe("499999");
    expect(JSON.parse(await send(250_001))).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(JSON.parse(await send(8_000_000))).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  });
});

describe("a check that an extension declares", () => {
  it("of more steps than the host takes is refused, also where schema and value are small", async () => {
    await using host = await createTestHost();
    const numbers = Array.from({ length: 9_000 }, (_, index) => index);
    const schema = { type: "array", items: { enum: numbers } };
    const echo = handler("query_go_v1", "(call $block (local.get $input) (local.get $input_length))");
    const answer = handler("query_answer_v1", "(call $block (local.get $input) (local.get $input_length))");
    await loadFinance(host, () => `${echo} ${answer}`, {
      operation: { input: schema },
      more: [operation("answer", { output: schema })],
    });
    const last = (count: number): readonly number[] => Array.from({ length: count }, () => 8_999);
    expect(await host.call(GO, last(10))).toEqual(last(10));
    expect(await rejection(host.call(GO, last(20)))).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("too large for its schema"),
    });
    expect(await host.call("query:finance:answer.v1", last(10))).toEqual(last(10));
    expect((await rejection(host.call("query:finance:answer.v1", last(20)))).code).toBe("OPERATION_FAILED");
    await host.expectBystander();
  });
});
