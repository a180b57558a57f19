import fc from "fast-check";
import type { HostCalls } from "@spacedrive/runtime";
import { DEFAULT_GUEST_LIMITS, type GuestEngine } from "@spacedrive/runtime/engine";
import { describe, expect, test } from "vitest";
import { PREVIEW1_SIGNATURES } from "../src/preview1/preview1-signatures.js";
import { createWasiEngine, type WasiTransport } from "../src/index.js";
import { compileWat } from "./compile-wat.js";
import { importOf } from "./preview1-answer.js";
import { wasiGuest } from "./wasi-guest.js";

const INIT_TIMEOUT_MS = 1_000;
const MB = 1024 * 1024;

const host: HostCalls = { call: async (request) => request.payload, log: () => {}, register: () => true };

/** How the start of a command of 16 pages ended, which never answers as it should: a code. */
async function endOf(engine: GuestEngine, imports: readonly string[], body: string, data = ""): Promise<unknown> {
  const text = `(module ${imports.map(importOf).join(" ")} (memory (export "memory") 16 32)
    (data (i32.const 4096) "${data}")
    (func (export "_start") ${body}))`;
  const limits = { ...DEFAULT_GUEST_LIMITS, initTimeoutMs: INIT_TIMEOUT_MS, maxMemoryBytes: 8 * MB };
  const module = await engine.compile("hostile", await compileWat(text), limits);
  return module.start(host).then(
    () => "it started",
    (error: unknown) => error,
  );
}

async function expectBystander(engine: GuestEngine): Promise<void> {
  const module = await engine.compile("bystander", await wasiGuest("kitchen"), DEFAULT_GUEST_LIMITS);
  const guest = await module.start(host);
  expect(await guest.call("seven")).toBe(7);
  await guest[Symbol.asyncDispose]();
}

const bytesAsWat = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");

const number = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 2, 3, 4, 5, 16, 4096, 4104, 65_536, 1_048_572, 1_048_576) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -8, 2 ** 31 - 1, -(2 ** 31)) },
  { weight: 1, arbitrary: fc.integer() },
);
const wide = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, 0x1fff_ffffn),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
);

/** Any call of any function of preview1. */
const anyCall = fc.constantFrom(...PREVIEW1_SIGNATURES).chain(([name, signature]) => {
  const [, parameters = "", result = ""] = /^\((.*)\) -> (.*)$/.exec(signature) ?? [];
  const operands = parameters.split(/, */).filter((type) => type !== "");
  const values = operands.map((type) =>
    type === "i64" ? wide.map((value) => `(i64.const ${value})`) : number.map((value) => `(i32.const ${value})`),
  );
  return fc.tuple(...values).map((given) => ({
    name,
    text: result === "()" ? `(call $${name} ${given.join(" ")})` : `(drop (call $${name} ${given.join(" ")}))`,
  }));
});

const PIECES = [
  "\x1e",
  "\n",
  "{",
  "}",
  '"',
  "\\",
  '"jsonrpc":"2.0"',
  '"id":1',
  '"result":1',
  '"method":"call"',
  "[[[[",
  "€",
  "\0",
];
/** Output that is nearly of the protocol, or not at all. */
const anyOutput = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(""))),
);

describe.each([
  ["shim", 50],
  ["wasmer", 5],
] satisfies [WasiTransport, number][])("a hostile command, on the transport %s", (transport, numRuns) => {
  test("that sleeps for years is ended at its limit", async () => {
    await using engine = createWasiEngine({ transport, spareThreads: 0 });
    const body = `(i64.store (i32.const 24) (i64.const 0x7fffffffffffffff)) (i32.store (i32.const 16) (i32.const 1))
      (drop (call $poll_oneoff (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200)))`;
    expect(await endOf(engine, ["poll_oneoff"], body)).toMatchObject({
      code: "INIT_FAILED",
      message: expect.stringContaining(`within ${INIT_TIMEOUT_MS} ms`),
    });
  });

  test("that floods its output without an end is ended at its limit, and the host does not grow with it", async () => {
    await using engine = createWasiEngine({ transport, spareThreads: 0 });
    const before = process.memoryUsage().rss;
    const body = `(i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 60000))
      (loop $l (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (br $l))`;
    expect(await endOf(engine, ["fd_write"], body, "no end ")).toMatchObject({ code: "INIT_FAILED" });
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MB);
  });

  test("that calls anything with anything ends with a code, and leaves others alone", async () => {
    await using engine = createWasiEngine({ transport });
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { maxLength: 30 }), fc.uint8Array({ maxLength: 200 }), async (calls, data) => {
        const names = [...new Set(calls.map(({ name }) => name))];
        const end = await endOf(engine, names, calls.map(({ text }) => text).join("\n"), bytesAsWat(data));
        expect(end).toMatchObject({ name: "SpacedriveError", code: expect.not.stringMatching(/^INTERNAL$/) });
      }),
      { numRuns },
    );
    await expectBystander(engine);
  }, 60_000);

  test("that writes anything ends with a code, and leaves others alone", async () => {
    await using engine = createWasiEngine({ transport });
    await fc.assert(
      fc.asyncProperty(fc.array(anyOutput, { maxLength: 6 }), async (outputs) => {
        const data = Buffer.concat(outputs);
        let at = 4096;
        const writes = outputs.map(({ length }) => {
          const write = `(i32.store (i32.const 0) (i32.const ${at})) (i32.store (i32.const 4) (i32.const ${length}))
              (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))`;
          at += length;
          return write;
        });
        const end = await endOf(engine, ["fd_write"], writes.join("\n"), bytesAsWat(data));
        expect(end).toMatchObject({ name: "SpacedriveError", code: expect.not.stringMatching(/^INTERNAL$/) });
      }),
      { numRuns },
    );
    await expectBystander(engine);
  }, 60_000);
});

test("a command that makes @wasmer/sdk hold more than its 512 MB is ended at its limit, and leaves others alone", async () => {
  await using engine = createWasiEngine({ transport: "wasmer", spareThreads: 0 });
  // A file that begins 720 MB after its start: each step is allowed.
  const seek = "(drop (call $fd_seek (i32.load (i32.const 16)) (i64.const 60000000) (i32.const 1) (i32.const 24)))";
  const body = `(i32.store8 (i32.const 300) (i32.const 102)) (i32.store (i32.const 8) (i32.const 4096)) (i32.store (i32.const 12) (i32.const 10))
    (drop (call $path_open (i32.const 4) (i32.const 0) (i32.const 300) (i32.const 1) (i32.const 1)
      (i64.const 0x1fffffff) (i64.const 0) (i32.const 0) (i32.const 16)))
    ${seek.repeat(12)} (drop (call $fd_write (i32.load (i32.const 16)) (i32.const 8) (i32.const 1) (i32.const 24)))`;
  const before = process.memoryUsage().rss;
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  expect(await endOf(engine, ["path_open", "fd_seek", "fd_write"], body)).toMatchObject({ code: "INIT_FAILED" });
  clearInterval(sampling);
  expect(most - before).toBeLessThan(900 * MB);
  await expectBystander(engine);
});
