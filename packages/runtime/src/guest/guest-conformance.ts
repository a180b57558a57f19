import { CALL_CASES } from "./conformance/call-cases.js";
import {
  ConformanceBench,
  type GuestConformanceCase,
  type GuestConformanceTools,
  type SmallGuest,
} from "./conformance/conformance-bench.js";
import { FAULT_CASES } from "./conformance/fault-cases.js";
import { JOB_CASES } from "./conformance/job-cases.js";
import { START_CASES } from "./conformance/start-cases.js";

export type { GuestConformanceCase, GuestConformanceTools, SmallGuest } from "./conformance/conformance-bench.js";

/** What every engine keeps, and what one of core wasm keeps beside it, for any test runner: `test.each(guestConformance(tools))("$name", ({ run }) => run())`. */
export function guestConformance(tools: GuestConformanceTools): GuestConformanceCase[] {
  const cases = [...START_CASES, ...CALL_CASES, ...JOB_CASES, ...FAULT_CASES];
  const apply = cases.filter(([, , only]) => only !== "abi" || tools.compileWat !== null);
  return apply.map(([name, check]) => ({
    name,
    async run() {
      await using bench = new ConformanceBench(tools);
      await check(bench);
    },
  }));
}
