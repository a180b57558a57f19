import { appendFileSync } from "node:fs";
import { basename } from "node:path";
import type { StoreFault, StoreFaults, StoreOperation, StoreStep } from "@spacedrive/jobs";
import type { FaultOperation, PlannedFault } from "./fault.js";
import type { HostClock } from "./host-clock.js";

/** In the words of those who write extensions: to them a checkpoint is a job's, and work is what it does. */
const OPERATIONS = {
  open: "open",
  migrate: "migrate",
  begin: "begin",
  work: "write",
  commit: "commit",
  sync: "sync",
  checkpoint: "wal-checkpoint",
  close: "close",
  "write-file": "write-file",
  "remove-file": "remove-file",
} as const satisfies Record<StoreOperation, FaultOperation>;

/** One step, as a fault names it. */
export interface FaultStep {
  readonly when: "before" | "after";
  readonly operation: FaultOperation;
  readonly database: "library" | "host";
}

/** One fault that waits for its moment, or strikes until it is spent. */
class WaitingFault {
  readonly planned: PlannedFault;
  #seen = 0;
  #left: number;
  readonly #from: number;

  constructor(planned: PlannedFault) {
    const { fault, spent } = planned;
    this.planned = planned;
    this.#left = ("times" in fault ? (fault.times ?? 1) : 1) - spent;
    // What struck already goes on at once.
    this.#from = spent > 0 ? 1 : (fault.at ?? 1);
  }

  get spent(): boolean {
    return this.#left <= 0;
  }

  /** Whether it strikes at this step, unless another one has done so. */
  strikes({ when, operation, database }: FaultStep, struck: boolean): boolean {
    const { fault } = this.planned;
    if (when !== (fault.fault === "kill" ? fault.when : "before")) return false;
    if (database !== (fault.database ?? "library") || operation !== (fault.operation ?? operation)) return false;
    this.#seen += 1;
    if (struck || this.#seen < this.#from || this.spent) return false;
    this.#left -= 1;
    return true;
  }
}

export interface FaultInjectorOptions {
  /** Where each stroke is noted, before it is felt: a file outlives a process that is killed. */
  readonly log: string;
  readonly clock: HostClock;
}

/** Makes a plan of faults come true, under a host's databases and files. */
export class FaultInjector implements StoreFaults {
  readonly #options: FaultInjectorOptions;
  #waiting: readonly WaitingFault[] = [];

  constructor(options: FaultInjectorOptions) {
    this.#options = options;
  }

  /** Takes the place of the plan before. */
  set(plan: readonly PlannedFault[]): void {
    this.#waiting = plan.map((planned) => new WaitingFault(planned)).filter((fault) => !fault.spent);
    for (const { planned } of this.#waiting) {
      const { fault, id } = planned;
      if (fault.fault !== "clock-back" || fault.operation !== undefined) continue;
      this.#note(id, null, "library");
      this.#options.clock.setBack(fault.byMs);
    }
    this.#waiting = this.#waiting.filter(
      ({ planned: { fault } }) => fault.fault !== "clock-back" || fault.operation !== undefined,
    );
  }

  before(step: StoreStep): StoreFault | null {
    return this.#strike({ ...named(step), when: "before" });
  }

  after(step: StoreStep): void {
    this.#strike({ ...named(step), when: "after" });
  }

  #strike(step: FaultStep): StoreFault | null {
    let answer: StoreFault | null = null;
    for (const waiting of this.#waiting) {
      if (!waiting.strikes(step, answer !== null)) continue;
      const { fault, id } = waiting.planned;
      this.#note(id, step.operation, step.database);
      switch (fault.fault) {
        case "kill":
          process.kill(process.pid, "SIGKILL");
          break;
        case "clock-back":
          this.#options.clock.setBack(fault.byMs);
          break;
        default:
          answer = fault.fault;
      }
    }
    return answer;
  }

  #note(id: number, operation: FaultOperation | null, database: FaultStep["database"]): void {
    appendFileSync(this.#options.log, `${JSON.stringify({ id, operation, database })}\n`);
  }
}

function named({ operation, path }: StoreStep): Omit<FaultStep, "when"> {
  return { operation: OPERATIONS[operation], database: basename(path) === "host.db" ? "host" : "library" };
}
