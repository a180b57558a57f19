import { BLOCK_CASES } from "./conformance/block-cases.js";
import { BYTE_CASES } from "./conformance/byte-cases.js";
import { CALL_CASES } from "./conformance/call-cases.js";
import {
  type Case,
  ConformanceBench,
  type GuestConformanceCase,
  type GuestConformanceTools,
} from "./conformance/conformance-bench.js";
import { FAULT_CASES } from "./conformance/fault-cases.js";
import { HOSTILE_CASES } from "./conformance/hostile-cases.js";
import { JOB_CASES } from "./conformance/job-cases.js";
import { LOG_CASES } from "./conformance/log-cases.js";
import { MEMORY_CASES } from "./conformance/memory-cases.js";
import { OPERATION_CASES } from "./conformance/operation-cases.js";
import { START_CASES } from "./conformance/start-cases.js";
import { TIME_CASES } from "./conformance/time-cases.js";

export type { GuestConformanceCase, GuestConformanceTools, SmallGuest } from "./conformance/conformance-bench.js";

/** What any guest can do, well or badly, in the words of the port; some cases say by themselves that they are of the ABI. */
const EVERY_GUEST: readonly Case[] = [...START_CASES, ...CALL_CASES, ...JOB_CASES, ...FAULT_CASES];

/** What only a core module can do: its pointers, its instructions, its sections. */
const CORE_MODULES: readonly Case[] = [
  ...TIME_CASES,
  ...MEMORY_CASES,
  ...HOSTILE_CASES,
  ...LOG_CASES,
  ...BYTE_CASES,
  ...BLOCK_CASES,
  ...OPERATION_CASES,
];

/** What every engine keeps, and what one of core wasm keeps beside it, for any test runner: `test.each(guestConformance(tools))("$name", ({ run }) => run())`. */
export function guestConformance(tools: GuestConformanceTools): GuestConformanceCase[] {
  const apply = EVERY_GUEST.filter(([, , only]) => only !== "abi" || tools.compileWat !== null);
  const cases: readonly Case[] = tools.compileWat === null ? apply : [...apply, ...CORE_MODULES];
  return cases.map(([name, check]) => ({
    name,
    async run() {
      await using bench = new ConformanceBench(tools);
      await check(bench);
    },
  }));
}
