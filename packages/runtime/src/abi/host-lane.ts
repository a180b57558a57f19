/** A job's id as four little-endian words. */
export type JobId = readonly [number, number, number, number];

export type HostFunctions = Readonly<Record<string, unknown>>;

/**
 * What an engine may put between a guest and its most frequent host functions, so that they do not leave WebAssembly. It
 * serves a job's calls while it is open and nothing is out of the ordinary, and else hands them to the host functions.
 */
export interface HostLane {
  /** The host functions with those of the lane in place of some of them, for a new instance. It is closed. */
  wrap(functions: HostFunctions): HostFunctions;
  /** Gives it the instance's memory, which exists only after its imports. */
  bind(memory: unknown): void;
  /** The guest may now call the host as this job. */
  open(job: JobId): void;
  close(): void;
}

/** The host functions that a job calls in its innermost loops. */
export const LANE_FUNCTIONS: readonly string[] = [
  "job_check_interrupt",
  "job_report_progress",
  "job_increment_bytes",
  "job_increment_items",
];

/** A host function, whatever its signature. */
export type HostFunction = (...args: readonly unknown[]) => unknown;
