import type { JobId } from "@spacedrive/wire";
import type { Job, JobContext } from "../src/index.js";
import type { JobHost } from "./job-host.js";
import { type ScriptedAttempt, ScriptedJob } from "./scripted-job.js";

/** A job that has begun to run, and whose attempts are in the test's hands. */
export interface StartedJob {
  readonly script: ScriptedJob;
  readonly job: Job;
  readonly id: JobId;
  /** Its first. */
  readonly attempt: ScriptedAttempt;
  /** Of that. */
  readonly context: JobContext;
}

/** Starts a job of a type that the host does not know yet, `test.job`. */
export async function startJob(
  { manager, library }: Pick<JobHost, "manager" | "library">,
  params: unknown = { n: 0 },
  script: ScriptedJob = new ScriptedJob(),
): Promise<StartedJob> {
  manager.register("test.job", script);
  const job = await manager.dispatch("test.job", params, { library });
  const attempt = await script.next();
  return { script, job, id: job.id, attempt, context: attempt.context };
}
