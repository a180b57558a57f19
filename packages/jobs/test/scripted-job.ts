import { SpacedriveError } from "@spacedrive/wire";
import type { JobContext } from "../src/job-context.js";
import type { JobHandler, JobOutcome } from "../src/job-handler.js";

/** One attempt, in the test's hands. */
export interface ScriptedAttempt {
  readonly context: JobContext;
  readonly state: string | null;
  end(outcome: JobOutcome): void;
  /** `run` rejects with it. */
  throw(error: unknown): void;
}

/** A handler whose attempts do what the test says, when it says so. */
export class ScriptedJob implements JobHandler {
  readonly resumable: boolean;
  readonly extension: string | null;
  readonly extensionVersion: string | null;
  readonly maxConcurrent?: number;
  readonly #attempts: ScriptedAttempt[] = [];
  readonly #waiting: ((attempt: ScriptedAttempt) => void)[] = [];

  constructor(given: Partial<Omit<JobHandler, "run" | "validate">> = {}) {
    this.resumable = given.resumable ?? true;
    this.extension = given.extension ?? null;
    this.extensionVersion = given.extensionVersion ?? null;
    if (given.maxConcurrent !== undefined) this.maxConcurrent = given.maxConcurrent;
  }

  /** The next attempt that has begun, or will. */
  next(): Promise<ScriptedAttempt> {
    const attempt = this.#attempts.shift();
    return attempt !== undefined ? Promise.resolve(attempt) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Attempts that have begun and that no test has taken. */
  get begun(): number {
    return this.#attempts.length;
  }

  run(context: JobContext, state: string | null): Promise<JobOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<JobOutcome>();
    const attempt: ScriptedAttempt = { context, state, end: resolve, throw: reject };
    const taker = this.#waiting.shift();
    if (taker === undefined) this.#attempts.push(attempt);
    else taker(attempt);
    return promise;
  }
}

export const COMPLETED: JobOutcome = { kind: "completed" };
export const INTERRUPTED: JobOutcome = { kind: "interrupted" };
export const FAILED: JobOutcome = { kind: "failed", error: new SpacedriveError("JOB_FAILED", "it did not work") };
