import type { Caller, JobId, JobIdentity, JsonLimits, LibraryId, OperationDefinition } from "@spacedrive/wire";
import type { z } from "zod";

/** What somebody wants of a running job. `pause`: checkpoint and come back; `cancel`: stop for good. */
export type Interrupt = "none" | "pause" | "cancel";

/**
 * A running job's hold on its own record, the same for native and WASM jobs. It is void once the attempt has ended:
 * then `checkpoint` and `call` reject with `JOB_NOT_RUNNING` and the rest does nothing.
 */
export interface JobContext {
  readonly id: JobId;
  readonly type: string;
  readonly library: LibraryId;
  readonly attempt: number;
  readonly identity: JobIdentity;
  /** Who the job's calls are made as. */
  readonly caller: Caller;
  /** Aborted when the attempt must end at once: a cancel, or a pause or shutdown past its deadline. */
  readonly signal: AbortSignal;
  /** Progress 0 to 1 (clamped) and a line for people. Saved with the next checkpoint. */
  reportProgress(fraction: number, message?: string): void;
  /**
   * Resolves once the state, with progress, warnings and metrics, is on disk.
   *
   * @param state JSON text, kept byte for byte.
   * @throws SpacedriveError `INVALID_STATE` where it is not JSON, `PAYLOAD_TOO_LARGE`, `JOB_NOT_RUNNING`, `DISK_FULL`, `STORE_LOCKED`, `STORE_FAILED`.
   */
  checkpoint(state: string): Promise<void>;
  interrupt(): Interrupt;
  /** Calls `listener` with each new interrupt until the returned function is called; at once if there is one already. */
  onInterrupt(listener: (interrupt: Interrupt) => void): () => void;
  /** A non-fatal issue, kept with the job. */
  addWarning(message: string): void;
  incrementBytes(count: number): void;
  incrementItems(count: number): void;
  /** Calls an operation as this job, on its library; calls of one job run one after another. */
  call<Input extends z.ZodType, Output extends z.ZodType>(
    operation: OperationDefinition<"query" | "action", "library" | "host", Input, Output>,
    input: z.input<Input>,
  ): Promise<z.output<Output>>;
  call(method: string, input: unknown): Promise<unknown>;
  /** The same with JSON text, as `wire.callJson`: answers the output or the error envelope, never rejects. */
  callJson(method: string, payload: string, library: LibraryId | null, limits?: JsonLimits): Promise<string>;
}
