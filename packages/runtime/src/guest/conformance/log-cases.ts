import assert from "node:assert/strict";
import { assertRejects, type Check, type ConformanceBench } from "./conformance-bench.js";
import { RecordingJob } from "./recording-host.js";

/** What a line costs beside its bytes: docs/abi.md. */
const LINE_COST = 32;
const LINE = "0123456789";

const LOGGER = `
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (memory (export "memory") 20)
  (global $top (mut i32) (i32.const 65536))
  (func (export "wasm_alloc") (param i32) (result i32)
    (global.set $top (i32.add (global.get $top) (local.get 0)))
    (i32.sub (global.get $top) (local.get 0)))
  (func (export "wasm_free") (param i32 i32))
  (data (i32.const 16) "\\11\\11\\11\\11\\11\\11\\41\\11\\81\\11\\11\\11\\11\\11\\11\\11")
  (data (i32.const 64) "${LINE}")
  (func $line (call $log (i32.const 1) (i32.const 64) (i32.const ${LINE.length})))
  (func $lines (param $count i32)
    (loop $again
      (call $line)
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br_if $again (local.get $count))))
  (func $spin (loop $again (br $again)))
  (func $recurse (param i32) (result i32) (i32.add (i32.const 1) (call $recurse (local.get 0))))
  (func (export "ten") (call $lines (i32.const 10)))
  (func (export "thousand") (call $lines (i32.const 1000)))
  (func (export "flood_and_spin") (call $lines (i32.const 200000)) (call $spin))
  (func (export "log_and_spin") (call $line) (call $spin))
  (func (export "log_and_trap") (call $line) unreachable)
  (func (export "log_and_recurse") (call $line) (drop (call $recurse (i32.const 1))))
  (func (export "log_and_violate") (call $line) (call $log (i32.const 1) (i32.const -1) (i32.const 1)))
  (func (export "log_and_fill_memory") (call $line)
    (loop $again (br_if $again (i32.ne (i32.const -1) (memory.grow (i32.const 1)))))
    unreachable)
  ;; 1,200,000 bytes.
  (func (export "huge") (call $log (i32.const 1) (i32.const 65536) (i32.const 1200000)))
  ;; A euro sign of three bytes ends at byte 12.
  (data (i32.const 128) "123456789\\e2\\82\\ac")
  (func (export "twelve") (call $log (i32.const 1) (i32.const 128) (i32.const 12)))
  ;; What no terminal should see, and no UTF-8.
  (data (i32.const 192) "\\1b[2J\\00\\c3\\28\\ff")
  (func (export "strange") (call $log (i32.const 1) (i32.const 192) (i32.const 8)))
  (func (export "refused") (param i32 i32 i32 i32) (result i32) (local $count i32)
    (loop $again
      (drop (call $checkpoint (i32.const 16) (i32.const 199) (i32.const 1)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $count) (i32.const 1000))))
    (i32.const 0))`;

/** Lines that came through, and lines that the host was told were dropped. */
function counts(bench: ConformanceBench): { readonly kept: number; readonly dropped: number } {
  const dropped = bench.host.messages.map((line) => Number(/^(\d+) log lines were dropped/.exec(line)?.[1] ?? 0));
  return {
    kept: bench.host.messages.filter((line) => line === LINE).length,
    dropped: dropped.reduce((sum, count) => sum + count, 0),
  };
}

export const LOG_CASES: readonly (readonly [string, Check])[] = [
  [
    "takes as many bytes of log lines in a second as are allowed, and counts the lines that it drops",
    async (bench) => {
      const limits = { maxLogBytesPerSecond: 10 * (LINE.length + LINE_COST) };
      const module = await bench.module(`(module ${LOGGER})`, limits);
      await (await module.start(bench.host)).call("ten");
      assert.deepEqual(counts(bench), { kept: 10, dropped: 0 });
      bench.host.logs.length = 0;
      await (await module.start(bench.host)).call("thousand");
      const { kept, dropped } = counts(bench);
      assert.equal(kept + dropped, 1000);
      // Ten for each second that it took: one, on any machine that is not on its knees.
      assert.ok(kept % 10 === 0 && kept < 1000, `${kept} lines came through`);
    },
  ],
  [
    "says how many lines were dropped also of a guest that is stopped",
    async (bench) => {
      const module = await bench.module(`(module ${LOGGER})`, { maxLogBytesPerSecond: 10_000 });
      const guest = await module.start(bench.host);
      await guest.call("thousand");
      // A flood is said once a second, and the last time was just now.
      await assertRejects(guest.call("flood_and_spin", { timeoutMs: 600 }), "TIMEOUT");
      const { kept, dropped } = counts(bench);
      assert.ok(kept > 0, "nothing came through");
      assert.equal(kept + dropped, 201_000);
    },
  ],
  [
    "keeps a line of the limit whole, and cuts a longer one between characters",
    async (bench) => {
      const logged = async (name: string, maxLogLineBytes: number): Promise<string | undefined> => {
        const module = await bench.module(`(module ${LOGGER})`, { maxLogLineBytes });
        await (await module.start(bench.host)).call(name);
        return bench.host.messages.at(-1);
      };
      assert.equal(await logged("twelve", 12), "123456789€");
      assert.equal(await logged("twelve", 11), "123456789 … (3 more bytes cut)");
      assert.equal(await logged("twelve", 9), "123456789 … (3 more bytes cut)");
      assert.equal(await logged("huge", 1000), `${"\0".repeat(1000)} … (1199000 more bytes cut)`);
      // Whatever the limit says, a line cannot hold more than a part of what lies between guest and host.
      const longest = (await logged("huge", 10_000_000)) ?? "";
      assert.ok(longest.length < 70_000, `${longest.length} characters`);
      assert.match(longest, /\d more bytes cut\)$/);
    },
  ],
  [
    "loses nothing that was logged before a guest ends, however it ends",
    async (bench) => {
      const module = await bench.module(`(module ${LOGGER})`, { maxMemoryBytes: 4 * 1024 * 1024 });
      const ends = [
        ["log_and_trap", "GUEST_TRAPPED"],
        ["log_and_recurse", "GUEST_TRAPPED"],
        ["log_and_violate", "GUEST_ABI_VIOLATION"],
        ["log_and_fill_memory", "GUEST_MEMORY_LIMIT"],
        ["log_and_spin", "TIMEOUT"],
      ] as const;
      for (const [name, code] of ends) {
        bench.host.logs.length = 0;
        await assertRejects((await module.start(bench.host)).call(name, { timeoutMs: 300 }), code);
        assert.deepEqual([name, ...bench.host.messages], [name, LINE]);
      }
      bench.host.logs.length = 0;
      const given = (await module.start(bench.host)).call("log_and_spin", { signal: AbortSignal.timeout(300) });
      await assertRejects(given, "CANCELLED");
      assert.deepEqual(bench.host.messages, [LINE]);
    },
  ],
  [
    "loses nothing that was logged before a start fails",
    async (bench) => {
      const text = `(module ${LOGGER} (func (export "plugin_init") (call $line) unreachable))`;
      await assertRejects((await bench.module(text)).start(bench.host), "INIT_FAILED");
      assert.deepEqual(bench.host.messages, [LINE]);
    },
  ],
  [
    "hands a line on as it is, but for what is no UTF-8",
    async (bench) => {
      await (await (await bench.module(`(module ${LOGGER})`)).start(bench.host)).call("strange");
      assert.deepEqual(bench.host.messages, ["\u001b[2J\0\uFFFD(\uFFFD"]);
    },
  ],
  [
    "counts refused checkpoints in a few lines",
    async (bench) => {
      const guest = await (await bench.module(`(module ${LOGGER})`)).start(bench.host);
      assert.equal((await guest.runJob("refused", "{}", "", new RecordingJob())).code, 0);
      assert.equal(bench.host.logs.length, 10);
      assert.match(bench.host.messages.at(-1) ?? "", /not UTF-8\. \(512 times until now\)$/);
    },
  ],
];
