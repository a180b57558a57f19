import { DEFAULT_GUEST_LIMITS, type GuestEngine, type GuestLimits } from "@spacedrive/runtime/engine";
import type { Guest, HostCalls, JobCalls } from "@spacedrive/runtime";
import { describe, expect, test } from "vitest";
import { createWasiEngine, type WasiTransport } from "../src/index.js";
import { wasiGuest, wasiProgram } from "./wasi-guest.js";

interface Kitchen extends AsyncDisposable {
  readonly guest: Guest;
  readonly logs: string[];
}

async function kitchen(transport: WasiTransport, limits: Partial<GuestLimits> = {}): Promise<Kitchen> {
  const engine: GuestEngine = createWasiEngine({ transport, spareThreads: 0 });
  const logs: string[] = [];
  const host: HostCalls = {
    call: async (request) => request.payload,
    log: (level, message) => logs.push(`${level} ${message}`),
    register: () => true,
  };
  const module = await engine.compile("kitchen", await wasiGuest("kitchen"), { ...DEFAULT_GUEST_LIMITS, ...limits });
  const guest = await module.start(host);
  return { guest, logs, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

const TRANSPORTS = ["shim", "wasmer"] satisfies WasiTransport[];

describe.each(TRANSPORTS)("a guest that breaks the protocol, on the transport %s", (transport) => {
  test.each([
    ["exits", "GUEST_TRAPPED", /"kitchen" ended in exits: it exited with code 3 before it had answered/],
    ["exits_with_words", "GUEST_TRAPPED", /code 101 .*standard error: the disk is on fire/],
    ["returns", "GUEST_TRAPPED", /it exited with code 0 before it had answered/],
    ["writes_no_json", "GUEST_ABI_VIOLATION", /its record is not JSON: a key was expected.*docs\/wasi-protocol\.md/],
    ["answers_twice", "GUEST_ABI_VIOLATION", /answers a request \d+ that is not under way/],
    ["answers_another", "GUEST_ABI_VIOLATION", /answers a request 4711 that is not under way/],
    ["asks_after_answer", "GUEST_ABI_VIOLATION", /a request after its answer/],
    ["answers_text", "GUEST_ABI_VIOLATION", /not a whole number/],
    ["asks_without_params", "GUEST_ABI_VIOLATION", /its "checkpoint" has no "state"/],
  ])("is ended: %s", async (name, code, message) => {
    await using bench = await kitchen(transport);
    const { guest } = bench;
    await expect(guest.call(name)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(guest.alive).toBe(false);
  });

  test("is ended by a record over the limit", async () => {
    await using bench = await kitchen(transport, { maxPayloadBytes: 1000, maxReplyBytes: 1000 });
    await expect(bench.guest.call("writes_long_record")).rejects.toMatchObject({
      code: "GUEST_ABI_VIOLATION",
      message: expect.stringContaining(`more than the ${2 * 1000 + 65_536} bytes`),
    });
  });
});

test("a guest that traps in its start is told so in the words of the protocol", async () => {
  await using engine = createWasiEngine({ transport: "shim", spareThreads: 0 });
  const module = await engine.compile("kitchen", await wasiProgram("traps-in-init"), DEFAULT_GUEST_LIMITS);
  const host: HostCalls = { call: async () => "", log: () => {}, register: () => true };
  await expect(module.start(host)).rejects.toMatchObject({
    code: "INIT_FAILED",
    message: expect.stringMatching(/^"kitchen" trapped in start: unreachable/),
  });
});

describe("a guest that loses its turn", () => {
  test.each(TRANSPORTS)("by reading too soon is ended, on the transport %s", async (transport) => {
    await using bench = await kitchen(transport);
    await expect(bench.guest.call("reads_too_soon")).rejects.toMatchObject({
      code: "GUEST_ABI_VIOLATION",
      message: expect.stringContaining("reads standard input while the host waits for its answer"),
    });
  });

  // The other transport does not see whether a guest had read by then: it goes well or not.
  test("by asking twice is ended by the shim", async () => {
    await using bench = await kitchen("shim");
    await expect(bench.guest.call("asks_twice")).rejects.toMatchObject({
      code: "GUEST_ABI_VIOLATION",
      message: expect.stringContaining("before it has read what the host sent last"),
    });
  });

  test.each(
    TRANSPORTS.flatMap((transport) => [
      [transport, "spins_after_answer"] as const,
      [transport, "reads_nothing_after_answer"] as const,
      [transport, "reads_nowhere_after_answer"] as const,
      [transport, "polls_nowhere_after_answer"] as const,
    ]),
  )("by going on after its answer is still in its call, on the transport %s: %s", async (transport, name) => {
    await using bench = await kitchen(transport);
    await expect(bench.guest.call(name, { timeoutMs: 500 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(bench.guest.alive).toBe(false);
  });
});

describe.each(TRANSPORTS)("a guest of the protocol, on the transport %s", (transport) => {
  test("may exit after its answer, which counts; its next call fails", async () => {
    await using bench = await kitchen(transport);
    expect(await bench.guest.call("exits_after_answer")).toBe(5);
    await expect(bench.guest.call("seven")).rejects.toMatchObject({
      code: "GUEST_TRAPPED",
      message: expect.stringContaining("it had exited with code 4 after its last answer"),
    });
  });

  test("has all that it writes beside its records in the log, and may log after its answer", async () => {
    await using bench = await kitchen(transport);
    expect(await bench.guest.call("talks")).toBe(0);
    const lines = [
      "info to standard output",
      "warn to standard error",
      "info and without an end",
      "info after its answer",
    ];
    // On the other transport each stream is handed on by itself: all of it by the end of the call, in an order of its own.
    expect(transport === "shim" ? bench.logs : bench.logs.toSorted()).toEqual(
      transport === "shim" ? lines : lines.toSorted(),
    );
  });

  test("is told with a code of a method that there is not, and lives", async () => {
    await using bench = await kitchen(transport);
    expect(await bench.guest.call("asks_for_nothing")).toBe(-32601);
    expect(await bench.guest.call("seven")).toBe(7);
  });

  test("may answer an operation with JSON as it is, or with an error", async () => {
    await using bench = await kitchen(transport);
    expect(await bench.guest.handle("answer_json", "{}", "{}")).toBe('{"a":[1,"}"]}');
    const envelope = '{"error":"it is out of order","code":"OPERATION_FAILED","retryable":false}';
    expect(await bench.guest.handle("answer_error", "{}", "{}")).toBe(envelope);
    const cut = await bench.guest.handle("answer_long_error", "{}", "{}");
    expect(cut).toMatch(/^\{"error":"\\\\x1b\[2Jx{400,500}","code"/);
  });

  test("may fail a job with an error, whose message is the reason", async () => {
    await using bench = await kitchen(transport);
    const reasons: string[] = [];
    const nothing = (): void => {};
    const job: JobCalls = {
      jobId: "11111111-1111-4111-8111-111111111111",
      progress: nothing,
      checkpoint: async () => true,
      warning: nothing,
      addBytes: nothing,
      addItems: nothing,
      fail: (reason) => reasons.push(reason),
      complete: nothing,
    };
    expect(await bench.guest.runJob("execute_error", "{}", "", job)).toEqual({ code: 2, sawInterrupt: false });
    expect(reasons).toEqual(["it broke"]);
  });
});

describe.each(TRANSPORTS)("a guest that is not needed any more, on the transport %s", (transport) => {
  /** What it had logged and asked by the end of its instance, and how long that took. */
  async function endOf(
    program: string,
    endMs: number,
  ): Promise<{ readonly said: readonly string[]; readonly tookMs: number }> {
    const said: string[] = [];
    const host: HostCalls = {
      call: async () => String(said.push("a call")),
      log: (_level, message) => said.push(message),
      register: () => true,
    };
    await using engine = createWasiEngine({ transport, spareThreads: 0, endMs });
    const module = await engine.compile("kitchen", await wasiProgram(program), DEFAULT_GUEST_LIMITS);
    const guest = await module.start(host);
    const from = performance.now();
    await guest[Symbol.asyncDispose]();
    return { said, tookMs: performance.now() - from };
  }

  test("is told by the end of its standard input, and heard until it ends", async () => {
    const { said, tookMs } = await endOf("says-goodbye", 20_000);
    expect(said).toEqual(["goodbye"]);
    expect(tookMs).toBeLessThan(20_000);
  });

  test("can ask nothing any more", async () => {
    expect(await endOf("asks-at-its-end", 20_000)).toMatchObject({ said: [] });
  });

  test("is stopped where it does not end in time", async () => {
    const { tookMs } = await endOf("stays-for-ever", 500);
    expect(tookMs).toBeGreaterThanOrEqual(450);
  });
});
