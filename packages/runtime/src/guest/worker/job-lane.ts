import type { HostFunctions, HostLane, JobId } from "../../abi/host-lane.js";
import { WORD, WORD_COUNT } from "./channel-layout.js";
import { JOB_LANE_BACK, JOB_LANE_FRONT } from "./job-lane-modules.js";

/** The host function for which each export of the front stands. */
const FUNCTIONS = {
  interrupt: "job_check_interrupt",
  progress: "job_report_progress",
  bytes: "job_increment_bytes",
  items: "job_increment_items",
} as const;

interface LaneModules {
  readonly front: WebAssembly.Module;
  readonly back: WebAssembly.Module;
}

let modules: LaneModules | null | undefined;

/** Compiled when a thread first runs a guest that has jobs; null where the platform does not know two memories. */
function laneModules(): LaneModules | null {
  if (modules !== undefined) return modules;
  const back = Buffer.from(JOB_LANE_BACK, "base64");
  modules = WebAssembly.validate(back)
    ? {
        front: new WebAssembly.Module(Buffer.from(JOB_LANE_FRONT, "base64")),
        back: new WebAssembly.Module(back),
      }
    : null;
  return modules;
}

/** The lane of the guests of a thread, whose channel lies in `host`; null where there can be none. */
export function createJobLane(host: WebAssembly.Memory): HostLane | null {
  const compiled = laneModules();
  return compiled === null ? null : new JobLane(host, compiled);
}

/**
 * The four host functions of a job's loop in WebAssembly, over the guest's memory and the channel's: a call from the guest
 * does not enter JavaScript. They do what GuestLink does, and hand to it whatever is out of the ordinary.
 */
class JobLane implements HostLane {
  readonly #host: WebAssembly.Memory;
  readonly #modules: LaneModules;
  readonly #words: Int32Array;
  #slow: Readonly<Record<string, unknown>> = {};
  #table: unknown;

  constructor(host: WebAssembly.Memory, modules: LaneModules) {
    this.#host = host;
    this.#modules = modules;
    this.#words = new Int32Array(host.buffer, 0, WORD_COUNT);
  }

  wrap(functions: HostFunctions): HostFunctions {
    this.close();
    this.#slow = Object.fromEntries(Object.entries(FUNCTIONS).map(([name, known]) => [name, functions[known]]));
    const { exports } = new WebAssembly.Instance(this.#modules.front, { slow: this.#slow });
    this.#table = exports["table"];
    return {
      ...functions,
      ...Object.fromEntries(Object.entries(FUNCTIONS).map(([name, known]) => [known, exports[name]])),
    };
  }

  bind(guest: unknown): void {
    const { back } = this.#modules;
    const host = { memory: this.#host };
    // Its functions take their places in the table as it is made.
    new WebAssembly.Instance(back, { guest: { memory: guest }, host, front: { table: this.#table }, slow: this.#slow });
  }

  open(job: JobId): void {
    for (const [index, word] of job.entries()) this.#words[WORD.LANE_JOB + index] = word;
    this.#words[WORD.LANE_OPEN] = 1;
  }

  close(): void {
    this.#words[WORD.LANE_OPEN] = 0;
  }
}
