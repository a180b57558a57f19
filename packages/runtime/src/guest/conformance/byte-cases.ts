import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Guest } from "../guest.js";
import type { GuestLimits } from "../limits.js";
import { byteGuest } from "./byte-guest.js";
import { assertRejects, type Check, type ConformanceBench } from "./conformance-bench.js";
import { RecordingJob } from "./recording-host.js";

const MB = 1024 * 1024;
const LAST_LENGTH = 65_540;
/** Lengths in one case: all of them in one would run into a runner's limit of time on a slow machine. */
const STEP = 8_192;

/** Text that differs everywhere, so that a part in a wrong place, or of the message before, shows. */
function noise(length: number): string {
  return createHash("shake256", { outputLength: Math.ceil(length / 2) })
    .update("spacedrive")
    .digest("hex")
    .slice(0, length);
}

async function relayed(bench: ConformanceBench, guest: Guest, text: string): Promise<void> {
  const answer = await guest.handle("relay", "{}", text);
  const request = bench.host.requests.pop();
  assert.ok(request?.payload === text, `${text.length} bytes did not arrive at the host`);
  assert.ok(answer === text, `${text.length} bytes did not come back`);
}

/** Host → guest, guest → host, and both ways again, by the input of a handler that hands it to an operation. */
function everyLength(first: number): readonly [string, Check] {
  const last = Math.min(first + STEP - 1, LAST_LENGTH);
  return [
    `passes every length from ${first} to ${last} bytes there and back`,
    async (bench) => {
      const guest = await bench.guest();
      const text = noise(2 * 65_536 + LAST_LENGTH);
      for (let length = first; length <= last; length++) {
        const from = (length * 7919) & 0xffff;
        await relayed(bench, guest, text.slice(from, from + length));
      }
    },
  ];
}

function megabytes(count: number): readonly [string, Check] {
  return [
    `passes ${count} MB there and back`,
    async (bench) => {
      const limits = { maxPayloadBytes: 128 * MB, maxReplyBytes: 128 * MB, callTimeoutMs: 120_000 };
      const guest = await bench.guest({ ...limits, maxMemoryBytes: 256 * MB });
      await relayed(bench, guest, noise(count * MB));
      // The way is the same afterwards.
      await relayed(bench, guest, noise(1000));
    },
  ];
}

/** UTF-8 that every decoder must take, and ours hand on as it is. */
const VALID = [
  "00",
  "7f",
  "c280",
  "dfbf",
  "e0a080",
  "ed9fbf",
  "ee8080",
  "efbfbd", // the replacement character itself
  "efbfbe",
  "efbfbf",
  "f0908080",
  "f48fbfbf",
  "efbbbf7b7d", // a byte order mark stays
  "f09f91a9e2808df09f91a7", // one emoji of two, joined
  "e6b7b7e38196e381a3e3819f", // CJK
  "e280a8e280ae00", // a line separator and a direction mark
];

/** What is no UTF-8. */
const INVALID = [
  "80",
  "bf",
  "c0af",
  "c1bf",
  "c2",
  "c328",
  "df7f",
  "e08080",
  "e09fbf",
  "e282",
  "e228a1",
  "eda080", // half of a character
  "edbfbf",
  "eda0bdedb280", // both halves, each by itself
  "efbf",
  "f0808080",
  "f08fbfbf",
  "f09f98",
  "f0288cbc",
  "f4908080",
  "f5808080",
  "f888808080",
  "fc8480808080",
  "fe",
  "ff",
  "61ff62",
  "e6b7b7e381",
  "efbfbdff", // after one that was replaced before
];

const LIMITS: Partial<GuestLimits> = { maxPayloadBytes: 1000, maxReplyBytes: 1000 };

export const BYTE_CASES: readonly (readonly [string, Check])[] = [
  ...Array.from({ length: Math.ceil((LAST_LENGTH + 1) / STEP) }, (_, index) => everyLength(index * STEP)),
  megabytes(1),
  megabytes(10),
  megabytes(100),
  [
    "passes the state and the result of a job at every length around a page",
    async (bench) => {
      const guest = await (await bench.module(byteGuest())).start(bench.host);
      const text = noise(3 * 65_536);
      for (const length of [0, 1, 3, 4, 5, 4095, 4096, 65_535, 65_536, 65_537, 65_540, 131_072]) {
        const job = new RecordingJob();
        const state = text.slice(length & 0xff, (length & 0xff) + length);
        assert.equal((await guest.runJob("keep_state", "{}", state, job)).code, 0);
        assert.ok(job.states[0] === state && job.events.at(-1) === `complete ${state}`, `${length} bytes`);
      }
    },
  ],
  [
    "passes every kind of text, and replaces only halves of characters",
    async (bench) => {
      const guest = await bench.guest();
      const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 65_536 + 0x4e2d)).join("");
      const texts = [
        "\0",
        "\0\0\0",
        "🦑",
        "👩‍👩‍👧‍👦".repeat(5_000),
        "混ざった",
        "\ufeff{}",
        "\uffff",
        planes,
        "é".repeat(32_771),
      ];
      for (const text of texts) await relayed(bench, guest, text);
      bench.host.answer = async ({ payload }) => `${payload} \udc00 \ud800`;
      assert.equal(await guest.handle("relay", "{}", "\ud83e \udd91"), "\uFFFD \uFFFD \uFFFD \uFFFD");
      // Two halves that meet only at the border of two texts stay two halves.
      assert.equal(await guest.handle("echo", "\ud83e", "\udd91"), "\uFFFD");
      assert.equal(await guest.handle("echo_context", "\ud83e", "\udd91"), "\uFFFD");
    },
  ],
  [
    "takes UTF-8 byte for byte, and answers INVALID_INPUT to what is none, without a call",
    async (bench) => {
      const guest = await (await bench.module(byteGuest())).start(bench.host);
      for (const hex of VALID) {
        const text = Buffer.from(hex, "hex").toString();
        assert.equal(await guest.handle("call_payload", "{}", hex), text);
        assert.equal(await guest.handle("answer", "{}", hex), text);
        bench.host.answer = async ({ method }) => JSON.stringify(method);
        assert.equal(await guest.handle("call_method", "{}", hex), JSON.stringify(text));
        bench.host.answer = async ({ payload }) => payload;
      }
      bench.host.requests.length = 0;
      for (const hex of INVALID.flatMap((bad) => [bad, `${"61".repeat(5_000)}${bad}`, `${bad}${"61".repeat(999)}`])) {
        assert.match(await guest.handle("call_payload", "{}", hex), /not UTF-8.*"INVALID_INPUT"/, hex);
      }
      for (const hex of INVALID) {
        assert.match(await guest.handle("call_method", "{}", hex), /not UTF-8.*"INVALID_INPUT"/, hex);
      }
      assert.equal(bench.host.requests.length, 0);
    },
  ],
  [
    "refuses a state that is no UTF-8, replaces it in words, and ends a guest that answers or completes with it",
    async (bench) => {
      const module = await bench.module(byteGuest());
      const guest = await module.start(bench.host);
      for (const hex of INVALID) {
        const job = new RecordingJob();
        assert.equal((await guest.runJob("keep_bytes", "{}", hex, job)).code, 1, hex);
        assert.deepEqual(job.states, []);
        const words = Buffer.from(hex, "hex").toString();
        assert.equal((await guest.runJob("say_bytes", "{}", hex, job)).code, 0);
        assert.deepEqual(new Set(job.events), new Set([`warning ${words}`, `progress 0.5 ${words}`, `fail ${words}`]));
        await guest.handle("log", "{}", hex);
        assert.equal(bench.host.messages.at(-1), words);
      }
      for (const hex of INVALID.slice(0, 4)) {
        await assertRejects(
          (await module.start(bench.host)).handle("answer", "{}", hex),
          "GUEST_ABI_VIOLATION",
          /UTF-8/,
        );
        const completing = (await module.start(bench.host)).runJob("complete_bytes", "{}", hex, new RecordingJob());
        await assertRejects(completing, "GUEST_ABI_VIOLATION", /UTF-8/);
      }
    },
  ],
  [
    "takes an input, context, state, payload and checkpoint of the limit in bytes, and refuses one byte more",
    async (bench) => {
      const guest = await (await bench.module(byteGuest(), { ...LIMITS, maxReplyBytes: 5000 })).start(bench.host);
      const job = new RecordingJob();
      // 1,000 bytes in 500 characters, 1,001 in 501: it is bytes that count.
      const [most, over] = ["é".repeat(500), `${"é".repeat(500)}x`];
      assert.equal(await guest.handle("relay", most, most), most);
      await assertRejects(guest.handle("relay", "{}", over), "PAYLOAD_TOO_LARGE", /input.*1001 bytes and 1000/);
      await assertRejects(guest.handle("relay", over, "{}"), "PAYLOAD_TOO_LARGE", /context.*1001 bytes and 1000/);
      assert.equal((await guest.runJob("keep_state", "{}", most, job)).code, 0);
      await assertRejects(guest.runJob("keep_state", "{}", over, job), "PAYLOAD_TOO_LARGE", /state.*1001 bytes/);
      assert.deepEqual(job.states, [most]);
      assert.equal(await guest.handle("call_length", "{}", "1000"), "\0".repeat(1000));
      const envelope = await guest.handle("call_length", "{}", "1001");
      assert.match(envelope, /1001 bytes and 1000 are allowed.*"PAYLOAD_TOO_LARGE"/);
      assert.match(await guest.handle("call_length", "{}", "4000000"), /4000000 bytes.*"PAYLOAD_TOO_LARGE"/);
      assert.equal(bench.host.requests.length, 2);
      assert.equal((await guest.runJob("keep_length", "{}", "1000", job)).code, 0);
      assert.equal((await guest.runJob("keep_length", "{}", "1001", job)).code, 1);
      assert.equal((await guest.runJob("keep_length", "{}", "4000000", job)).code, 1);
      assert.deepEqual(job.states, [most, "\0".repeat(1000)]);
      assert.match(bench.host.messages[0] ?? "", /checkpoint was refused.*1001 bytes and 1000/);
      assert.equal(guest.alive, true);
    },
  ],
  [
    "takes an answer and a result of the limit in bytes, and ends a guest at one byte more",
    async (bench) => {
      const module = await bench.module(byteGuest(), LIMITS);
      const guest = await module.start(bench.host);
      const [most, over] = ["é".repeat(500), `${"é".repeat(500)}x`];
      bench.host.answer = async () => most;
      assert.equal(await guest.handle("relay", "{}", "x"), most);
      bench.host.answer = async () => over;
      assert.match(await guest.handle("relay", "{}", "x"), /more than the 1000 bytes.*"REPLY_TOO_LARGE"/);
      assert.equal(await guest.handle("answer_length", "{}", "1000"), "\0".repeat(1000));
      await assertRejects(guest.handle("answer_length", "{}", "1001"), "REPLY_TOO_LARGE", /1001 bytes and 1000/);
      const job = new RecordingJob();
      assert.equal((await (await module.start(bench.host)).runJob("complete_length", "{}", "1000", job)).code, 0);
      assert.deepEqual(job.events, [`complete ${"\0".repeat(1000)}`]);
      const tooLong = (await module.start(bench.host)).runJob("complete_length", "{}", "1001", job);
      await assertRejects(tooLong, "REPLY_TOO_LARGE", /1001 bytes and 1000/);
    },
  ],
];
