import { describeIssues, type JobId, parseJobId, parseJson, SpacedriveError, toJson } from "@spacedrive/wire";
import { z } from "zod";
import type { JobContext } from "./job-context.js";
import type { JobHandler, JobOutcome } from "./job-handler.js";
import { conditionOf, type WakeWhen } from "./wake-when.js";
import { writeState } from "./written-state.js";

/** The `JobContext` of a native job: its state is a value, checked by the job's schema. */
export interface NativeJobContext<State> extends Omit<JobContext, "checkpoint"> {
  /**
   * Resolves once the state, with progress, warnings and metrics, is on disk.
   *
   * @throws SpacedriveError `INVALID_STATE` where it does not fit the job's schema, and as {@link JobContext.checkpoint}.
   */
  checkpoint(state: State): Promise<void>;
  /**
   * Ends the attempt where a pause or cancel is wanted: it throws what `run` must let pass. Checkpoint first, since the
   * job goes on from its last checkpoint.
   *
   * @throws SpacedriveError `CANCELLED`.
   */
  throwIfInterrupted(): void;
  /**
   * Queues a child of this job, once, however often the attempt is repeated; for many, call `jobs.spawn_many`. It needs the
   * `jobs.*` operations on the wire.
   *
   * @throws SpacedriveError as `jobs.spawn`.
   */
  spawn<Params>(job: NativeJob<Params>, params: Params, options?: SpawnOptions): Promise<JobId>;
  spawn(type: string, params: unknown, options?: SpawnOptions): Promise<JobId>;
  /**
   * Ends the attempt until the job is woken: it throws what `run` must let pass. The state is checkpointed with it, and `run`
   * begins with it then; meanwhile the job costs nothing but its row.
   *
   * @throws SpacedriveError `INVALID_STATE`, `INVALID_INPUT` where it cannot wait so.
   */
  suspendUntil(state: State, when: WakeWhen): never;
}

/** Of a child. */
export interface SpawnOptions {
  /** Higher starts first. Default 0. */
  readonly priority?: number;
  /** How long it may take in all. Default: for ever. */
  readonly deadlineMs?: number;
}

/** What `jobs.spawn` answers. */
const spawnedJob = z.object({ job_id: z.string() });

interface JobDefinition<State extends z.ZodType, Result extends z.ZodType> {
  /** Dotted and lower-case: `core.index_location`. */
  readonly type: string;
  /** The parameters of a dispatch, the first state, and every checkpoint. */
  readonly state: State;
  /** What `run` answers. Default: nothing. */
  readonly result?: Result;
  /** Default true. */
  readonly resumable?: boolean;
  /** Jobs of this type at the same time. Default: as many as the manager allows. */
  readonly maxConcurrent?: number;
  /** One attempt, from the first state or the last checkpoint. What it throws is the job's failure. */
  readonly run: (
    ctx: NativeJobContext<z.input<State>>,
    state: z.output<State>,
  ) => Promise<z.input<Result> | void> | z.input<Result> | void;
}

declare const params: unique symbol;

/** A job in TypeScript, ready for `manager.register`. `Params` is what a dispatch takes. */
export interface NativeJob<Params = unknown> extends JobHandler {
  readonly type: string;
  /** Only a type: never there. */
  readonly [params]?: Params;
}

/** Defines a native job. */
export function defineJob<State extends z.ZodType, Result extends z.ZodType = z.ZodVoid>(
  definition: JobDefinition<State, Result>,
): NativeJob<z.input<State>> {
  const { type } = definition;
  return {
    type,
    resumable: definition.resumable ?? true,
    extension: null,
    extensionVersion: null,
    ...(definition.maxConcurrent === undefined ? {} : { maxConcurrent: definition.maxConcurrent }),
    validate(state) {
      parseWith(definition.state, state, "INVALID_INPUT", `Job "${type}" does not take these parameters`);
    },
    async run(context, text): Promise<JobOutcome> {
      const stored = text === null ? undefined : parseJson(text, `the state of job "${type}"`, "INVALID_STATE");
      const state = parseWith(definition.state, stored, "INVALID_STATE", `Job "${type}" cannot go on from its state`);
      let result: unknown;
      try {
        result = await definition.run(nativeContext(context, definition.state), state);
      } catch (thrown) {
        if (thrown instanceof InterruptedError) return { kind: "interrupted" };
        if (thrown instanceof SuspendedError) return { kind: "suspended", state: thrown.state, until: thrown.until };
        throw thrown;
      }
      if (definition.result === undefined) return { kind: "completed" };
      const checked = parseWith(
        definition.result,
        result,
        "OPERATION_FAILED",
        `Job "${type}" answered what its schema refuses`,
      );
      return { kind: "completed", result: toJson(checked, `the result of job "${type}"`) };
    },
  };
}

/** Only recognised where it was thrown, in one call of `run`: it never has to survive two copies of this package. */
class InterruptedError extends SpacedriveError {}

/** As {@link InterruptedError}. */
class SuspendedError extends SpacedriveError {
  readonly state: string;
  readonly until: WakeWhen;

  constructor(type: string, state: string, until: WakeWhen) {
    super("CANCELLED", `Job "${type}" was suspended.`);
    this.state = state;
    this.until = until;
  }
}

function nativeContext<State extends z.ZodType>(context: JobContext, schema: State): NativeJobContext<z.input<State>> {
  const { type } = context;
  return {
    id: context.id,
    type,
    library: context.library,
    attempt: context.attempt,
    identity: context.identity,
    caller: context.caller,
    signal: context.signal,
    reportProgress: (fraction, message) => context.reportProgress(fraction, message),
    interrupt: () => context.interrupt(),
    onInterrupt: (listener) => context.onInterrupt(listener),
    addWarning: (message) => context.addWarning(message),
    incrementBytes: (count) => context.incrementBytes(count),
    incrementItems: (count) => context.incrementItems(count),
    call: context.call.bind(context),
    callJson: (method, payload, library, limits) => context.callJson(method, payload, library, limits),
    async checkpoint(state) {
      parseWith(schema, state, "INVALID_STATE", `Job "${type}" may not checkpoint this state`);
      await context.checkpoint(writeState(state, type));
    },
    async spawn(target: string | NativeJob, params: unknown, options: SpawnOptions = {}) {
      const { priority, deadlineMs } = options;
      const spawned = await context.call("action:jobs.spawn.input.v1", {
        job_type: typeof target === "string" ? target : target.type,
        ...(params === undefined ? {} : { params }),
        ...(priority === undefined ? {} : { priority }),
        ...(deadlineMs === undefined ? {} : { deadline_ms: deadlineMs }),
      });
      return parseJobId(spawnedJob.parse(spawned).job_id);
    },
    suspendUntil(state, when) {
      parseWith(schema, state, "INVALID_STATE", `Job "${type}" may not be suspended with this state`);
      conditionOf(when, type, { steady: 0, lastEvent: 0 });
      throw new SuspendedError(type, toJson(state, `the state of job "${type}"`), when);
    },
    throwIfInterrupted() {
      const interrupt = context.interrupt();
      if (interrupt !== "none") throw new InterruptedError("CANCELLED", `Job "${type}" was asked to ${interrupt}.`);
    },
  };
}

function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: "INVALID_INPUT" | "INVALID_STATE" | "OPERATION_FAILED",
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SpacedriveError(code, `${what}: ${describeIssues(parsed.error)}`);
  return parsed.data;
}
