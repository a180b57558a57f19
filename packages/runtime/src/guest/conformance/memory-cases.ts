import assert from "node:assert/strict";
import { type ErrorCode } from "@spacedrive/wire";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../limits.js";
import { assertRejects, type Check } from "./conformance-bench.js";
import { afterHeader, functionType, module, section } from "./hostile-modules/module-bytes.js";

const MB = 1024 * 1024;
const MEMORY = '(memory (export "memory") 1)';

/** Modules whose memory is not one that a guest may have, and what their refusal says. */
const REFUSED: readonly (readonly [what: string, text: string, message: RegExp, limits?: Partial<GuestLimits>])[] = [
  [
    "an initial memory above its cap",
    '(module (memory (export "memory") 17))',
    /starts with 17 pages \(1\.0625 MB\) and the cap is 16 pages \(1 MB\).*max_memory_mb/,
    { maxMemoryBytes: MB },
  ],
  [
    "an initial memory of 4 GB",
    '(module (memory (export "memory") 65536))',
    /starts with 65536 pages \(4096 MB\) and the cap is 4096 pages \(256 MB\)/,
  ],
  [
    "data beyond its memory",
    `(module ${MEMORY} (data (i32.const 65535) "ab"))`,
    /data segments reach to byte 65537 and its memory starts with 1 pages/,
  ],
  [
    "data beyond its cap",
    `(module ${MEMORY} (data (i32.const 300000000) "a"))`,
    /data segments reach to byte 300000001.*raise the cap/,
  ],
  ["two memories", `(module ${MEMORY} (memory 1))`, /has 2 memories: exactly one is allowed/],
  ["64 memories", `(module ${MEMORY} ${"(memory 1)".repeat(63)})`, /has 64 memories: exactly one is allowed/],
  ["200 memories", `(module ${MEMORY} ${"(memory 1)".repeat(199)})`, /200 memories and at most 100 are allowed/],
  ["a shared memory", '(module (memory (export "memory") 1 2 shared))', /memory is shared: a plain 32-bit unshared/],
  [
    "an imported memory",
    '(module (import "spacedrive" "memory" (memory 1)))',
    /imports its memory: it must define its own/,
  ],
  ["a 64-bit memory", '(module (memory (export "memory") i64 1))', /memory is 64-bit: a plain 32-bit unshared/],
  ["a memory that is not exported", "(module (memory 1))", /does not export its memory as "memory"/],
  ["no memory", "(module)", /has no memory/],
  ["a maximum below its minimum", '(module (memory (export "memory") 2 1))', /maximum is below its minimum/],
  [
    "tables above their limit",
    `(module ${MEMORY} (table 60000 funcref) (table 40001 externref))`,
    /tables start with 100001 entries and 100000 are allowed \(maxTableEntries\)/,
  ],
];

/** The same in bytes, for what the text format's tool does not know. */
const REFUSED_BYTES: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  ["a memory of pages of one byte", module({ memory: [1, 8, 1, 0] }), /of a custom page size|compiler refuses/],
  ["a garbage-collected struct", afterHeader(section(1, [1, 0x5f, 0])), /garbage-collected.*without wasm GC/],
  ["a garbage-collected array", afterHeader(section(1, [1, 0x5e, 0x7f, 0])), /garbage-collected.*without wasm GC/],
  ["a parameter of any reference", module({ types: [functionType(1, 0, 0x6e)] }), /garbage-collected.*without wasm GC/],
];

/** A guest that wants more than there is, what it calls, and how that ends. */
const ENDED: readonly (readonly [what: string, text: string, code: ErrorCode, message: RegExp])[] = [
  [
    "traps after it could not grow",
    `(module ${MEMORY} (func (export "f") (loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 1))))) unreachable))`,
    "GUEST_MEMORY_LIMIT",
    /ran out of memory in f \(cap 8 MB.*max_memory_mb/,
  ],
  [
    "reads beyond its memory",
    `(module ${MEMORY} (func (export "f") (drop (i32.load (i32.const 65533)))))`,
    "GUEST_TRAPPED",
    /trapped in f: memory access out of bounds/,
  ],
  [
    "fills beyond its memory",
    `(module ${MEMORY} (func (export "f") (memory.fill (i32.const 65535) (i32.const 1) (i32.const 2))))`,
    "GUEST_TRAPPED",
    /trapped in f: memory access out of bounds/,
  ],
  [
    "recurses without an end",
    `(module ${MEMORY} (func $f (export "f") (call $f)))`,
    "GUEST_TRAPPED",
    /trapped in f: its stack overflowed. Recurse less deeply/,
  ],
  [
    "recurses with a large frame",
    `(module ${MEMORY} (func $f (export "f") (local${" i64".repeat(1000)}) (call $f) (local.set 999 (i64.const 1))))`,
    "GUEST_TRAPPED",
    /its stack overflowed/,
  ],
  [
    "recurses, catches what comes of it, and recurses again",
    `(module ${MEMORY} (func $r (call $r)) (func (export "f") (loop $again (try (do (call $r)) (catch_all (br $again))))))`,
    "GUEST_TRAPPED",
    /its stack overflowed/,
  ],
  [
    "waits on its memory for what nobody will do",
    `(module ${MEMORY} (func (export "f") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`,
    "GUEST_TRAPPED",
    /trapped in f/,
  ],
];

export const MEMORY_CASES: readonly (readonly [string, Check])[] = [
  ...REFUSED.map(([what, text, message, limits]): readonly [string, Check] => [
    `refuses a module with ${what}`,
    async (bench) => {
      await assertRejects(bench.module(text, limits), "MODULE_INVALID", message);
    },
  ]),
  ...REFUSED_BYTES.map(([what, bytes, message]): readonly [string, Check] => [
    `refuses a module with ${what}`,
    async (bench) => {
      await assertRejects(bench.engine.compile("small", bytes, DEFAULT_GUEST_LIMITS), "MODULE_INVALID", message);
    },
  ]),
  ...ENDED.map(([what, text, code, message]): readonly [string, Check] => [
    `ends a guest that ${what}, and the next one runs`,
    async (bench) => {
      const guests = await bench.module(text, { maxMemoryBytes: 8 * MB });
      for (let i = 0; i < 2; i++) {
        const guest = await guests.start(bench.host);
        await assertRejects(guest.call("f"), code, message);
        assert.equal(guest.alive, false);
      }
      assert.equal(await (await bench.guest()).call("seven"), 7);
    },
  ]),
  [
    "refuses growth beyond the cap with -1 and lets the guest live",
    async (bench) => {
      const guest = await bench.guest({ maxMemoryBytes: 8 * MB });
      assert.equal(await guest.call("pages_grown_to"), 128);
      assert.equal(await guest.call("pages_grown_to"), 128);
      // What it is handed still fits, since its allocator has room.
      assert.equal(await guest.handle("echo", "{}", "still here"), "still here");
    },
  ],
  [
    "takes an initial memory of its cap, and data up to its end",
    async (bench) => {
      const text =
        '(module (memory (export "memory") 16) (data (i32.const 1048575) "a") (func (export "f") (result i32) (memory.grow (i32.const 1))))';
      const guest = await (await bench.module(text, { maxMemoryBytes: MB })).start(bench.host);
      assert.equal(await guest.call("f"), -1);
    },
  ],
  [
    "fails a start whose data lies at a computed place beyond its memory",
    async (bench) => {
      const bytes = module({ data: [1, 0, 0x41, 0xff, 0xff, 0x03, 0x41, 1, 0x6a, 0x0b, 1, 0x61] });
      const small = await bench.engine.compile("small", bytes, DEFAULT_GUEST_LIMITS);
      await assertRejects(small.start(bench.host), "INIT_FAILED", /trapped in plugin_init.*data segment/);
    },
  ],
  [
    "fails a start that recurses without an end, or fills its memory",
    async (bench) => {
      const start = async (code: string): Promise<unknown> =>
        (await bench.module(`(module ${MEMORY} ${code})`, { maxMemoryBytes: 8 * MB })).start(bench.host);
      await assertRejects(start('(func $i (export "plugin_init") (call $i))'), "INIT_FAILED", /stack overflowed/);
      await assertRejects(start("(func $i (call $i)) (start $i)"), "INIT_FAILED", /stack overflowed/);
      const fill = "(loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 1))))) unreachable";
      await assertRejects(start(`(func (export "plugin_init") ${fill})`), "GUEST_MEMORY_LIMIT", /cap 8 MB/);
    },
  ],
  [
    "gives all tables together their limit, and answers growth beyond it with -1",
    async (bench) => {
      const grow = (table: number, by: number): string =>
        `(drop (table.grow $t${table} (ref.null func) (i32.const ${by})))`;
      const text = `(module ${MEMORY} (table $t0 10 funcref) (table $t1 10 funcref)
        (func (export "sizes") (result i32)
          ${grow(0, 10_000_000)} ${grow(1, 10_000_000)} ${grow(0, 80)} ${grow(1, 80)} ${grow(0, 1)} ${grow(1, 1)}
          (i32.add (table.size $t0) (table.size $t1))))`;
      const guest = await (await bench.module(text, { maxTableEntries: 100 })).start(bench.host);
      assert.equal(await guest.call("sizes"), 100);
    },
  ],
];
