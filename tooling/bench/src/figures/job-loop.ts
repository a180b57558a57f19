import type { Contender, Figure, Run } from "../figure.ts";
import { compileGuest } from "../compile-guest.ts";
import { openJobHost } from "../host/open-host.ts";
import { runJob } from "../host/run-job.ts";

const TIMES = 4_000_000;

/** Millions in a second. */
const rate = (times: number, fromMs: number, toMs: number): number => times / (toMs - fromMs) / 1000;

const subject: Contender = {
  name: "job_report_progress, job_check_interrupt, job_increment_items in a loop of WASM",
  async open(run: Run) {
    const times = run.scaled(TIMES);
    const marks: number[] = [];
    const host = await openJobHost(() => marks.push(performance.now()));
    return {
      async round() {
        marks.length = 0;
        await runJob(host, "report", times);
        const [from = Number.NaN, to = Number.NaN] = marks;
        return [rate(times, from, to)];
      },
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const floor: Contender = {
  name: "the same loop over three JavaScript imports that do nothing",
  async open(run: Run) {
    const times = run.scaled(TIMES);
    const module = await WebAssembly.compile(await compileGuest("empty-imports"));
    const imports = { progress: () => {}, interrupted: () => 0, items: () => {} };
    const instance = await WebAssembly.instantiate(module, { empty: imports });
    // Proof: guests/empty-imports.wat exports it with this signature.
    const loop = instance.exports["loop"] as (times: number) => void;
    return {
      async round() {
        const from = performance.now();
        loop(times);
        return [rate(times, from, performance.now())];
      },
      async [Symbol.asyncDispose]() {},
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "job-loop",
    title: "a job's loop: progress, interrupt check, item count",
    unit: "M/s",
    better: "higher",
    targets: [{ kind: "at-least", value: 30 }],
    rounds: 10,
    subject,
    floor,
  },
];
