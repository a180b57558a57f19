import { readFileSync } from "node:fs";
import { MessageChannel } from "node:worker_threads";
import fc from "fast-check";
import wabt from "wabt";
import { describe, expect, test } from "vitest";
import { compileWat } from "../../../test/compile-wat.js";
import { GuestMemory } from "../../abi/guest-memory.js";
import type { HostFunction, HostLane, JobId } from "../../abi/host-lane.js";
import { createHostFunctions } from "../../abi/host-functions.js";
import { LanedState } from "../../abi/laned-state.js";
import { DEFAULT_GUEST_LIMITS } from "../limits.js";
import { SHARED_PAGES, sharedBuffer, WORD } from "./channel-layout.js";
import { GuestEnd } from "./guest-end.js";
import { GuestLink } from "./guest-link.js";
import { createJobLane } from "./job-lane.js";
import { JOB_LANE_BACK, JOB_LANE_FRONT } from "./job-lane-modules.js";

const JOB: JobId = [1, -2, 3, -4];
/** Where the guest has its job's id, and another's. */
const JOB_AT = 16;
const OTHER_AT = 64;
const MEMORY_BYTES = 65_536;

/** Node 20 does not know two memories: there the host functions themselves serve, and there is nothing to test. */
const known = WebAssembly.validate(Buffer.from(JOB_LANE_BACK, "base64"));

async function guestMemory(): Promise<WebAssembly.Memory> {
  const module = new WebAssembly.Module(await compileWat('(module (memory (export "memory") 1))'));
  // Proof: the module on the line above exports it.
  const memory = new WebAssembly.Instance(module, {}).exports["memory"] as WebAssembly.Memory;
  const bytes = Buffer.from(memory.buffer);
  for (let at = 0; at < bytes.length; at++) bytes[at] = at % 251;
  for (const [index, word] of JOB.entries()) bytes.writeInt32LE(word, JOB_AT + 4 * index);
  return memory;
}

const channel = (): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: SHARED_PAGES, maximum: SHARED_PAGES, shared: true });

type Call =
  | { readonly name: "job_check_interrupt"; readonly job: number }
  | {
      readonly name: "job_report_progress";
      readonly job: number;
      readonly fraction: number;
      readonly at: number;
      readonly length: number;
    }
  | { readonly name: "job_increment_bytes" | "job_increment_items"; readonly job: number; readonly count: bigint };

function make(functions: Readonly<Record<string, unknown>>, call: Call): unknown {
  // Proof: every function of the record is one, and JavaScript checks no signature.
  const run = functions[call.name] as HostFunction;
  switch (call.name) {
    case "job_check_interrupt":
      return run(call.job);
    case "job_report_progress":
      return run(call.job, call.fraction, call.at, call.length);
    default:
      return run(call.job, call.count);
  }
}

/** Host functions that say only that they were called. */
function telling(): { readonly functions: Readonly<Record<string, unknown>>; readonly calls: string[] } {
  const calls: string[] = [];
  const names = ["job_check_interrupt", "job_report_progress", "job_increment_bytes", "job_increment_items"];
  const tell = (name: string) => (): number => calls.push(name);
  return { calls, functions: Object.fromEntries(names.map((name) => [name, tell(name)])) };
}

async function openLane(host: WebAssembly.Memory) {
  const lane = createJobLane(host);
  if (lane === null) throw new Error("this platform has no lane");
  const { functions, calls } = telling();
  const served = lane.wrap(functions);
  lane.bind(await guestMemory());
  lane.open(JOB);
  return { lane, served, calls };
}

test.each([
  ["front", JOB_LANE_FRONT],
  ["back", JOB_LANE_BACK],
])("the bytes of the lane's %s are those of its text", async (name, base64) => {
  const compiler = await wabt();
  const text = readFileSync(new URL(`./job-lane-${name}.wat`, import.meta.url), "utf8");
  const features = { multi_memory: true, threads: true, tail_call: true };
  const module = compiler.parseWat(name, text, features);
  expect(Buffer.from(module.toBinary({}).buffer).toString("base64")).toBe(base64);
});

describe.runIf(known)("a job's lane", () => {
  const ordinary: readonly Call[] = [
    { name: "job_check_interrupt", job: JOB_AT },
    { name: "job_report_progress", job: JOB_AT, fraction: 0.5, at: 300, length: 7 },
    { name: "job_report_progress", job: JOB_AT, fraction: 0.5, at: MEMORY_BYTES - 64, length: 64 },
    { name: "job_report_progress", job: JOB_AT, fraction: 0.5, at: 0, length: 0 },
    { name: "job_increment_bytes", job: JOB_AT, count: 1n },
    { name: "job_increment_items", job: JOB_AT, count: -1n },
  ];

  test.each(ordinary)("serves what is ordinary without a host function: %o", async (call) => {
    const { served, calls } = await openLane(channel());
    make(served, call);
    expect(calls).toEqual([]);
  });

  test.each(ordinary)("hands on to the host functions where it is closed: %o", async (call) => {
    const { lane, served, calls } = await openLane(channel());
    lane.close();
    make(served, call);
    expect(calls).toEqual([call.name]);
  });

  test.each<Call>([
    { name: "job_check_interrupt", job: OTHER_AT },
    { name: "job_check_interrupt", job: MEMORY_BYTES - 15 },
    { name: "job_check_interrupt", job: -1 },
    { name: "job_report_progress", job: JOB_AT, fraction: 0, at: 300, length: 65 },
    { name: "job_report_progress", job: JOB_AT, fraction: 0, at: MEMORY_BYTES - 6, length: 7 },
    { name: "job_report_progress", job: JOB_AT, fraction: 0, at: -1, length: 7 },
    { name: "job_report_progress", job: JOB_AT, fraction: 0, at: 300, length: -1 },
    { name: "job_report_progress", job: OTHER_AT, fraction: 0, at: 300, length: 7 },
    { name: "job_increment_bytes", job: OTHER_AT, count: 1n },
    { name: "job_increment_items", job: MEMORY_BYTES, count: 1n },
  ])("hands on what is out of the ordinary: %o", async (call) => {
    const { served, calls } = await openLane(channel());
    make(served, call);
    expect(calls).toEqual([call.name]);
  });

  test("hands on an interrupt, and a report that the host waits for", async () => {
    const host = channel();
    const { served, calls } = await openLane(host);
    const words = new Int32Array(sharedBuffer(host));
    words[WORD.INTERRUPT] = 1;
    words[WORD.PROGRESS_WANTED] = 1;
    make(served, { name: "job_check_interrupt", job: JOB_AT });
    make(served, { name: "job_report_progress", job: JOB_AT, fraction: 0, at: 300, length: 7 });
    expect(calls).toEqual(["job_check_interrupt", "job_report_progress"]);
  });

  test("leaves in the channel what the host functions would, whatever is called in whatever order", async () => {
    const job = fc.constantFrom(JOB_AT, JOB_AT, JOB_AT, OTHER_AT);
    const counting = fc.constantFrom("job_increment_bytes" as const, "job_increment_items" as const);
    const call: fc.Arbitrary<Call> = fc.oneof(
      fc.record({ name: fc.constant("job_check_interrupt" as const), job }),
      fc.record({
        name: fc.constant("job_report_progress" as const),
        job,
        fraction: fc.float(),
        at: fc.nat(60_000),
        length: fc.nat(100),
      }),
      fc.record({ name: counting, job, count: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
    );
    const memory = await guestMemory();
    const alone = hostSide(memory, false);
    const laned = hostSide(memory, true);
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), fc.boolean(), (calls, shown) => {
        for (const side of [alone, laned]) {
          side.bytes.fill(0);
          side.words[WORD.PROGRESS_WANTED] = shown ? 1 : 0;
          side.begin();
        }
        for (const one of calls) expect(make(laned.functions, one)).toEqual(make(alone.functions, one));
        for (const side of [alone, laned]) side.end();
        expect(laned.bytes.equals(alone.bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
    for (const side of [alone, laned]) side.close();
  });
});

/** A guest's side as a thread has it, with or without a lane. */
function hostSide(memory: WebAssembly.Memory, withLane: boolean) {
  const shared = channel();
  const { port1, port2 } = new MessageChannel();
  const link = new GuestLink(
    new GuestEnd({ shared, data: new SharedArrayBuffer(64), port: port2, spare: false }),
    shared,
  );
  link.reset(DEFAULT_GUEST_LIMITS);
  const lane: HostLane | null = withLane ? link.lane() : null;
  const state = new LanedState(lane);
  state.memory = new GuestMemory(memory);
  const own = createHostFunctions(state, link);
  const functions = lane?.wrap(own) ?? own;
  lane?.bind(memory);
  const words = new Int32Array(sharedBuffer(shared));
  return {
    words,
    functions,
    bytes: Buffer.from(sharedBuffer(shared)),
    begin: () => {
      state.job = JOB;
    },
    end: () => {
      state.job = null;
      // The id stays where nobody looks any more.
      words.fill(0, WORD.LANE_OPEN, WORD.LANE_JOB + 4);
    },
    close: () => port1.close(),
  };
}
