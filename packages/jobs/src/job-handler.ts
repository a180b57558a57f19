import type { SpacedriveError } from "@spacedrive/wire";
import type { JobContext } from "./job-context.js";
import type { WakeWhen } from "./wake-when.js";

/** How an attempt ended. A rejected `run` is `failed` with that error. */
export type JobOutcome =
  /** `result`: JSON text, or absent. */
  | { readonly kind: "completed"; readonly result?: string }
  /** The handler saw the interrupt and has checkpointed what it wants to keep. */
  | { readonly kind: "interrupted" }
  /**
   * The instance is given back until the job is woken.
   *
   * `state`: JSON text, a checkpoint made with the suspension; absent: the last one stands. `until`: what wakes the job; absent:
   * what it asked for by `jobs.wake_when`.
   */
  | { readonly kind: "suspended"; readonly state?: string; readonly until?: WakeWhen }
  | { readonly kind: "failed"; readonly error: SpacedriveError };

/** What runs jobs of one type. Native jobs are made by `defineJob`, WASM jobs by the runtime's executor. */
export interface JobHandler {
  /** False: a crash ends the job in `failed`, and pause is refused. */
  readonly resumable: boolean;
  /** The extension that owns the type; null for native jobs. */
  readonly extension: string | null;
  readonly extensionVersion: string | null;
  /** Jobs of this extension (or, for native jobs, of this type) at the same time. */
  readonly maxConcurrent?: number;
  /**
   * Checks a first state at dispatch.
   *
   * @throws SpacedriveError `INVALID_INPUT` naming the path.
   */
  validate?(state: unknown): void;
  /** One attempt, from `state` (JSON text of the last checkpoint or of the parameters; null: none). */
  run(context: JobContext, state: string | null): Promise<JobOutcome>;
}
