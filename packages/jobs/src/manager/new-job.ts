import { createJobId, parseJson, SpacedriveError, toJson } from "@spacedrive/wire";
import type { JobRecord } from "../job.js";
import type { JobHandler } from "../job-handler.js";
import { createJob } from "../job-steps.js";
import type { Moment } from "../store/job-store.js";
import { checkStateSize } from "../state-limit.js";
import { MAX_DELAY_MS } from "../time-limits.js";
import type { DispatchOptions } from "./job-manager-options.js";

/** @throws SpacedriveError `INVALID_INPUT` where parameters or options are not what the job takes, `PAYLOAD_TOO_LARGE`. */
export function newJob(
  type: string,
  handler: JobHandler,
  params: unknown,
  { library, priority = 0, parent = null, deadlineMs = null }: DispatchOptions,
  now: Moment,
): JobRecord {
  const refuse = (what: string, range: string): never => {
    throw new SpacedriveError("INVALID_INPUT", `The ${what} of job "${type}" must be a whole number${range}.`);
  };
  if (!Number.isSafeInteger(priority)) refuse(`priority (${priority})`, "");
  if (deadlineMs !== null && !(Number.isSafeInteger(deadlineMs) && deadlineMs > 0 && deadlineMs <= MAX_DELAY_MS)) {
    refuse(`deadline (${deadlineMs} ms)`, ` from 1 to ${MAX_DELAY_MS}, a hundred years`);
  }
  const state = firstState(type, params);
  if (state !== null) checkStateSize(state, `The parameters of job "${type}"`);
  handler.validate?.(state === null ? undefined : parseJson(state, `the parameters of job "${type}"`));
  const given = { id: createJobId(), type, library, state, parent, priority, deadlineMs };
  return createJob({ ...given, resumable: handler.resumable, at: now.wall, steadyAt: now.steady });
}

/** @throws SpacedriveError `INVALID_INPUT` where the parameters have no JSON. */
function firstState(type: string, params: unknown): string | null {
  if (params === undefined) return null;
  try {
    return toJson(params, "");
  } catch (cause) {
    throw new SpacedriveError("INVALID_INPUT", `The parameters of job "${type}" cannot be written as JSON.`, { cause });
  }
}
