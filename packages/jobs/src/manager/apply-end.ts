import type { JobRecord } from "../job.js";
import {
  cancelJob,
  completeJob,
  expireJob,
  failJob,
  type JobReport,
  pauseJob,
  postponeJob,
  releaseJob,
  suspendJob,
} from "../job-steps.js";
import type { Moment } from "../store/job-store.js";
import { conditionOf } from "../wake-when.js";
import type { AttemptEnd } from "./attempt-end.js";
import { type Backoff, backoffMs } from "./backoff.js";

/** A job whose store refused something waits as after so many failures in a row. */
const STORE_FAILURES = 4;

/** A running job as its attempt's end leaves it. */
export function applyEnd(
  job: JobRecord,
  end: AttemptEnd,
  by: {
    readonly attempt: number;
    readonly report: JobReport;
    readonly consumed: number;
    readonly now: Moment;
    /** The number of the last event of the name that it waits for. */
    readonly lastEvent: number;
    readonly backoff: Backoff;
  },
): JobRecord {
  const { attempt, report, consumed, now, lastEvent, backoff } = by;
  const at = now.wall;
  switch (end.step) {
    case "complete":
      return completeJob(job, attempt, { result: end.result, report, at });
    case "fail":
      return failJob(job, attempt, { error: end.error, report, at });
    case "postpone": {
      const failures = end.counted ? job.attemptsSinceProgress : STORE_FAILURES;
      const notBefore = now.steady + backoffMs(failures, backoff);
      return postponeJob(job, attempt, { error: end.error, notBefore, counted: end.counted, at });
    }
    case "suspend": {
      const condition = end.until === null ? null : conditionOf(end.until, job.type, { steady: now.steady, lastEvent });
      const suspended = suspendJob(job, attempt, { state: end.state, condition, report, consumed, at });
      return end.pause && suspended.status === "suspended" ? pauseJob(suspended, null, at) : suspended;
    }
    case "pause":
      return pauseJob(job, attempt, at);
    case "release":
      return releaseJob(job, attempt, { crashed: false, at });
    case "expire":
      return expireJob(job, { attempt, report }, at);
    case "cancel":
      return cancelJob(job, { attempt, report }, at);
    default:
      return end satisfies never;
  }
}
