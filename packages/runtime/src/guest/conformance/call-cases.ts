import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { assertRejects, type Case } from "./conformance-bench.js";
import { LIBRARY_ID } from "./recording-host.js";

const MB = 1024 * 1024;
/** Around every power of two and page, where sizes go wrong. */
const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 63, 64, 65, 127, 255, 256, 1000, 4095, 4096, 4097].concat([
  8192,
  16_384,
  32_768,
  65_531,
  65_532,
  65_535,
  65_536,
  65_537,
  65_540,
  100_000,
  MB,
  10 * MB,
]);

/** Text of so many bytes that differ everywhere, so that a part in the wrong place shows. */
function textOf(length: number): string {
  return createHash("shake256", { outputLength: Math.ceil(length / 2) })
    .update(String(length))
    .digest("hex")
    .slice(0, length);
}

export const CALL_CASES: readonly Case[] = [
  [
    "answers what a bare export returns, and 0 for nothing",
    async (bench) => {
      const guest = await bench.guest();
      assert.equal(await guest.call("seven"), 7);
      assert.equal(await guest.call("nothing"), 0);
    },
  ],
  [
    "refuses a name that is not there or is another kind of thing, and lives",
    async (bench) => {
      const guest = await bench.guest();
      await assertRejects(guest.call("missing"), "EXPORT_NOT_FOUND", /"kitchen" exports no function "missing"/);
      await assertRejects(guest.call("__proto__"), "EXPORT_NOT_FOUND");
      await assertRejects(guest.call("memory"), "EXPORT_NOT_FOUND");
      await assertRejects(guest.call("echo"), "EXPORT_NOT_FOUND");
      await assertRejects(guest.handle("seven", "{}", "{}"), "EXPORT_NOT_FOUND");
      assert.equal(await guest.call("seven"), 7);
    },
  ],
  [
    "says which signature an export has and which is needed",
    async (bench) => {
      await assertRejects(
        (await bench.guest()).call("echo"),
        "EXPORT_NOT_FOUND",
        /as \(i32, i32, i32, i32\) -> i32; \(\) -> i32 or \(\) -> \(\) is needed/,
      );
    },
    "abi",
  ],
  [
    "passes input and answer byte-exact at every length",
    async (bench) => {
      const guest = await bench.guest();
      for (const length of LENGTHS) {
        const text = textOf(length);
        assert.ok((await guest.handle("echo", "{}", text)) === text, `${length} bytes did not come back`);
      }
      assert.equal(await guest.handle("echo_context", '{"library_id":null}', "x"), '{"library_id":null}');
    },
  ],
  [
    "passes the payload and the answer of an operation byte-exact at every length",
    async (bench) => {
      const guest = await bench.guest();
      for (const length of LENGTHS) {
        const text = textOf(length);
        assert.ok((await guest.handle("relay", "{}", text)) === text, `${length} bytes did not come back`);
        assert.ok(bench.host.requests.at(-1)?.payload === text, `${length} bytes did not arrive`);
      }
    },
  ],
  [
    "passes any text",
    async (bench) => {
      const guest = await bench.guest();
      for (const text of ["\u0000", "€", "𝒳🦑", "混ざった text", "\uFFFD", "\u2028", "é".repeat(40_000)]) {
        assert.equal(await guest.handle("relay", "{}", text), text);
      }
      assert.equal(await guest.handle("echo", "{}", "lone \ud800 half"), "lone \uFFFD half");
    },
  ],
  [
    "frees all that it hands over, and is handed",
    async (bench) => {
      const guest = await bench.guest();
      await guest.handle("echo", "{}", "input");
      await guest.handle("echo", "", "");
      assert.equal(await guest.call("live"), 0);
    },
    "abi",
  ],
  [
    "names method, library and payload to the host",
    async (bench) => {
      const guest = await bench.guest();
      await guest.handle("relay", "{}", "input");
      await guest.handle("relay_without_library", "{}", "input");
      assert.deepEqual(
        bench.host.requests.map(({ method, library, payload }) => ({ method, library, payload })),
        [
          { method: "query:test.echo.v1", library: LIBRARY_ID, payload: "input" },
          // A pointer of length 0 is not looked at.
          { method: "query:test.echo.v1", library: null, payload: "" },
        ],
      );
    },
  ],
  [
    "answers a guest with an envelope where the host fails it",
    async (bench) => {
      const guest = await bench.guest();
      bench.host.answer = () => Promise.reject(new Error("a secret of the host"));
      assert.match(await guest.handle("relay", "{}", "x"), /^\{"error":.*"code":"INTERNAL"/);
      bench.host.answer = () => {
        throw new Error("a secret of the host");
      };
      const answer = await guest.handle("relay", "{}", "x");
      assert.match(answer, /"code":"INTERNAL"/);
      assert.doesNotMatch(answer, /secret/);
      // A host in JavaScript may break its types.
      bench.host.answer = () => Promise.resolve(undefined as unknown as string);
      assert.match(await guest.handle("relay", "{}", "x"), /"code":"INTERNAL"/);
    },
  ],
  [
    "answers INVALID_INPUT for a payload that is not UTF-8, without a call",
    async (bench) => {
      const guest = await bench.guest();
      assert.equal(await guest.call("call_not_utf8"), "{".charCodeAt(0));
      assert.equal(bench.host.requests.length, 0);
    },
  ],
  [
    "answers INVALID_INPUT for a method over 1,024 bytes, without a call",
    async (bench) => {
      const guest = await bench.guest();
      assert.match(await guest.handle("call_long_method", "{}", ""), /method has 1025 bytes and 1024.*"INVALID_INPUT"/);
      // Of that length, and not UTF-8: the next check refuses it.
      assert.match(await guest.handle("call_longest_method", "{}", ""), /not UTF-8.*"INVALID_INPUT"/);
      assert.equal(bench.host.requests.length, 0);
    },
  ],
  [
    "makes one call at a time",
    async (bench) => {
      const guest = await bench.guest();
      const { promise, resolve } = Promise.withResolvers<string>();
      bench.host.answer = () => promise;
      const first = guest.handle("relay", "{}", "x");
      await assertRejects(guest.call("seven"), "BUSY", /"kitchen" runs relay/);
      resolve("late");
      assert.equal(await first, "late");
      assert.equal(await guest.call("seven"), 7);
    },
  ],
  [
    "takes an input of the limit and refuses one byte more, and lives",
    async (bench) => {
      const guest = await bench.guest({ maxPayloadBytes: 1000 });
      assert.equal((await guest.handle("echo", "{}", textOf(1000))).length, 1000);
      await assertRejects(guest.handle("echo", "{}", textOf(1001)), "PAYLOAD_TOO_LARGE", /input.*1001 bytes and 1000/);
      await assertRejects(guest.handle("echo", "é".repeat(501), ""), "PAYLOAD_TOO_LARGE", /context/);
      assert.equal(await guest.call("seven"), 7);
    },
  ],
  [
    "answers PAYLOAD_TOO_LARGE to a guest that sends more than the limit",
    async (bench) => {
      const guest = await bench.guest({ maxPayloadBytes: 17 });
      assert.equal(await guest.handle("relay", "{}", textOf(17)), textOf(17));
      const smaller = await bench.guest({ maxPayloadBytes: 12 });
      assert.equal(await smaller.call("call_and_drop"), 0);
      assert.equal(bench.host.requests.length, 1);
    },
  ],
  [
    "answers REPLY_TOO_LARGE to a guest that is answered more than the limit",
    async (bench) => {
      const guest = await bench.guest({ maxReplyBytes: 1000 });
      bench.host.answer = async () => textOf(1000);
      assert.equal((await guest.handle("relay", "{}", "x")).length, 1000);
      bench.host.answer = async () => textOf(1001);
      assert.match(await guest.handle("relay", "{}", "x"), /"code":"REPLY_TOO_LARGE"/);
    },
  ],
  [
    "ends a guest that answers more than the limit",
    async (bench) => {
      const guest = await bench.guest({ maxReplyBytes: 1000 });
      assert.equal((await guest.handle("echo", "{}", textOf(1000))).length, 1000);
      await assertRejects(guest.handle("echo", "{}", textOf(1001)), "REPLY_TOO_LARGE", /1001 bytes and 1000/);
      assert.equal(guest.alive, false);
    },
  ],
  [
    "refuses registrations after plugin_init",
    async (bench) => {
      const guest = await bench.guest();
      assert.equal(await guest.call("register_late"), 1);
      assert.equal(bench.host.registrations.length, 2);
    },
  ],
];
