import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthorDir, authorDir } from "./compile.js";
import { LIBRARY, TestHost } from "./test-host.js";

const CHILD = "0197f3c0-3333-7000-8000-00000000ef02";

const SOURCE = `
import { JobContext, JsonValue, Result, Uuid, done, fail, orReturn } from "@spacedrive/sdk";

@json export class PartState { part: u32 = 0; }
@json export class HeardState { phase: string = "any"; seen: u64 = 0; }
@json export class FanState { phase: string = "spawn"; children: Uuid[] = []; }

@extension({ id: "fan", name: "Fan", version: "0.1.0", permissions: { methods: ["jobs."] } })
class Fan {
  @job("sleeper")
  static sleeper(ctx: JobContext, state: PartState): Result<u32> {
    if (state.part == 0) {
      state.part = 1;
      orReturn(ctx.sleep(60_000));
    }
    if (state.part == 1) {
      state.part = 2;
      orReturn(ctx.sleepUntil(1_800_000_000_000));
    }
    return done(state.part);
  }

  @job("fan")
  static fan(ctx: JobContext, state: FanState): Result<void> {
    if (state.phase == "spawn") {
      state.children.push(orReturn(ctx.jobs().spawn<PartState>("part", new PartState())));
      state.phase = "more";
      return ctx.waitFor(state.children);
    }
    if (state.phase == "more") {
      orReturn(ctx.jobs().spawnMany<PartState>("part", [new PartState(), new PartState()]));
      state.phase = "gather";
      return ctx.waitForChildren();
    }
    return done();
  }

  @job("keeper")
  static keeper(ctx: JobContext, state: FanState): Result<void> {
    return ctx.jobs().retry(state.children[0]);
  }

  @job("listener")
  static listener(ctx: JobContext, state: HeardState): Result<u64> {
    if (state.phase == "any") {
      state.phase = "next";
      return ctx.waitForEvent("imported").failureOf<u64>();
    }
    const event = orReturn(ctx.lastEvent("app.ready"));
    if (state.phase == "next") {
      state.phase = "read";
      state.seen = event.number;
      orReturn(ctx.waitForEventAfter("app.ready", event.number, 5_000));
    }
    if (event.number == state.seen) return fail("TIMEOUT", "nothing has come");
    const part = orReturn(event.payload.as<PartState>());
    return ctx.emitEvent<PartState>("heard", part);
  }
}
`;

describe("a job that waits", () => {
  let author: AuthorDir;
  let module: WebAssembly.Module;

  beforeAll(async () => {
    author = await authorDir({ "index.ts": SOURCE }, "fan");
    const compiled = await author.compile();
    if (compiled.output !== "") throw new Error(compiled.output);
    module = await WebAssembly.compile(Buffer.from(await author.read("build/fan.wasm")));
  }, 60_000);
  afterAll(() => author[Symbol.asyncDispose]());

  const answer = (method: string): unknown =>
    method.includes("spawn_many") ? { job_ids: [CHILD, CHILD] } : method.includes("spawn") ? { job_id: CHILD } : {};

  it("asks for its wake-up, checkpoints, and returns 3, as often as it waits", () => {
    const first = new TestHost(module, { answer });
    expect(first.job("execute_sleeper", {})).toBe(3);
    const wake = { method: "action:jobs.wake_when.input.v1", library: LIBRARY };
    expect(first.seen.calls).toEqual([{ ...wake, payload: { after_ms: 60_000 } }]);
    expect(first.seen.checkpoints).toEqual(['{"part":1}']);
    const second = new TestHost(module, { answer });
    expect(second.job("execute_sleeper", { part: 1 })).toBe(3);
    expect(second.seen.calls).toEqual([{ ...wake, payload: { at_unix_ms: 1_800_000_000_000 } }]);
    const third = new TestHost(module, { answer });
    expect(third.job("execute_sleeper", { part: 2 })).toBe(0);
    expect(third.seen).toMatchObject({ calls: [], result: "2" });
  });

  it("spawns children and waits for one, or for all", () => {
    const first = new TestHost(module, { answer });
    expect(first.job("execute_fan", {})).toBe(3);
    expect(first.seen.calls.map(({ payload }) => payload)).toEqual([
      { job_type: "part", params: { part: 0 } },
      { children: [CHILD] },
    ]);
    const state: unknown = JSON.parse(first.seen.checkpoints.at(-1) ?? "");
    expect(state).toEqual({ phase: "more", children: [CHILD] });
    const second = new TestHost(module, { answer });
    expect(second.job("execute_fan", state)).toBe(3);
    expect(second.seen.calls.map(({ payload }) => payload)).toEqual([
      { job_type: "part", params: [{ part: 0 }, { part: 0 }] },
      { children: "ended" },
    ]);
  });

  it("retries a failed job", () => {
    const host = new TestHost(module, { answer });
    expect(host.job("execute_keeper", { children: [CHILD] })).toBe(0);
    expect(host.seen.calls).toEqual([
      { method: "action:jobs.retry.input.v1", library: LIBRARY, payload: { job_id: CHILD } },
    ]);
  });

  it("waits for an event, with a time-out or without, reads what has come, and emits its own", () => {
    const wake = { method: "action:jobs.wake_when.input.v1", library: LIBRARY };
    const read = { method: "query:jobs.last_event.v1", library: LIBRARY, payload: { name: "app.ready" } };
    const event = (number: number, payload: unknown) => ({
      answer: (method: string): unknown =>
        method.includes("last_event")
          ? { number, payload, at_unix_ms: number * 1_000 }
          : method.includes("emit_event")
            ? { number: 7 }
            : {},
    });
    const first = new TestHost(module, event(0, null));
    expect(first.job("execute_listener", {})).toBe(3);
    expect(first.seen.calls).toEqual([{ ...wake, payload: { event: "imported" } }]);
    const second = new TestHost(module, event(4, null));
    expect(second.job("execute_listener", { phase: "next" })).toBe(3);
    expect(second.seen.calls).toEqual([
      read,
      { ...wake, payload: { event: { name: "app.ready", after: 4 }, after_ms: 5_000 } },
    ]);
    const state: unknown = JSON.parse(second.seen.checkpoints.at(-1) ?? "");
    expect(state).toEqual({ phase: "read", seen: 4 });
    const late = new TestHost(module, event(4, null));
    expect(late.job("execute_listener", state)).toBe(2);
    expect(late.seen.failure).toContain("TIMEOUT");
    const heard = new TestHost(module, event(5, { part: 3 }));
    expect(heard.job("execute_listener", state)).toBe(0);
    expect(heard.seen.calls.at(-1)).toEqual({
      method: "action:jobs.emit_event.input.v1",
      library: LIBRARY,
      payload: { name: "heard", payload: { part: 3 } },
    });
    expect(heard.seen.result).toBe("7");
  });

  it("fails where its wake-up or its state is refused: it would do again what it has done", () => {
    const denied = { error: "no grant", code: "PERMISSION_DENIED", retryable: false };
    const first = new TestHost(module, { answer: () => denied });
    expect(first.job("execute_sleeper", {})).toBe(2);
    expect(first.seen.failure).toContain("PERMISSION_DENIED");
    const second = new TestHost(module, { answer, refuseCheckpoints: true });
    expect(second.job("execute_sleeper", {})).toBe(2);
    expect(second.seen.failure).toContain("INVALID_STATE");
  });
});
