import { existsSync, readFileSync } from "node:fs";
import { parseJson } from "@spacedrive/wire";
import { z } from "zod";
import { checkFaults } from "./check-faults.js";
import { type Fault, FAULT_OPERATIONS, type FiredFault, type PlannedFault } from "./fault.js";

const stroke = z.object({
  id: z.number(),
  operation: z.enum(FAULT_OPERATIONS).nullable(),
  database: z.enum(["library", "host"]),
});

/** What a plan needs of its host. */
export interface FaultPlanParts {
  /** Where the host notes each stroke. */
  readonly log: string;
  /** Whether the host has a process of its own. */
  readonly canKill: boolean;
  /** Hands a plan to the host, where it runs. */
  readonly send: (plan: readonly PlannedFault[]) => Promise<void>;
}

/**
 * What goes wrong under the test's host. It stays so over a `restart()`, until it is cleared: what was counted is counted anew
 * from there, and what has struck as often as it should does not strike again.
 *
 * ```ts
 * await host.faults.set({ fault: "io-error", operation: "sync", times: Infinity });
 * await expect(host.call("action:notes:add.input.v1", note)).rejects.toMatchObject({ code: "STORE_FAILED" });
 * await host.faults.clear();
 * ```
 */
export interface HostFaults {
  /**
   * From now on this goes wrong, and nothing of what was set before. Of a host that does not run: from its next start.
   *
   * @throws SpacedriveError `INVALID_INPUT` for a fault that cannot be, naming the field.
   */
  set(...faults: readonly Fault[]): Promise<void>;
  /**
   * Nothing goes wrong any more. What a fault has done stays done: a clock is behind, and a database that failed to sync
   * takes nothing until `restart()`.
   */
  clear(): Promise<void>;
  /** The faults that struck so far, in their order, one entry for each time. Look here that a test tests what it means to. */
  readonly fired: readonly FiredFault[];
}

/** The test's side of {@link HostFaults}: it outlives the host. */
export class FaultPlan implements HostFaults {
  readonly #parts: FaultPlanParts;
  readonly #known = new Map<number, Fault>();
  #plan: readonly { readonly id: number; readonly fault: Fault }[] = [];

  constructor(parts: FaultPlanParts) {
    this.#parts = parts;
  }

  async set(...faults: readonly Fault[]): Promise<void> {
    const first = this.#known.size;
    this.#plan = checkFaults(faults, this.#parts.canKill).map((fault, index) => ({ id: first + index, fault }));
    for (const { id, fault } of this.#plan) this.#known.set(id, fault);
    await this.#parts.send(this.left);
  }

  async clear(): Promise<void> {
    this.#plan = [];
    await this.#parts.send([]);
  }

  get fired(): readonly FiredFault[] {
    return this.#strokes().map(({ id, operation, database }) => {
      const fault = this.#known.get(id);
      // Proof: only planned faults are noted, by their ids.
      return { fault: fault as Fault, operation, database };
    });
  }

  /** The plan with what it has left, for a host that starts. */
  get left(): readonly PlannedFault[] {
    const strokes = this.#strokes();
    return this.#plan.map(({ id, fault }) => ({ id, fault, spent: strokes.filter((each) => each.id === id).length }));
  }

  /** How far the host's clock was set back in all. */
  get clockBackMs(): number {
    return this.fired.reduce((sum, { fault }) => sum + (fault.fault === "clock-back" ? fault.byMs : 0), 0);
  }

  #strokes(): z.output<typeof stroke>[] {
    const { log } = this.#parts;
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => stroke.parse(parseJson(line, "the log of faults")));
  }
}
