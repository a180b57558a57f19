import { createJobId, type LibraryId } from "@spacedrive/wire";
import type { JobRecord } from "../src/job.js";
import { createJob } from "../src/job-steps.js";

/** A queued job of no importance, with what a test wants of it. */
export function newJobIn(library: LibraryId, given: Partial<JobRecord> = {}): JobRecord {
  const job = createJob({
    id: createJobId(),
    type: "test.job",
    library,
    state: "{}",
    parent: null,
    priority: 0,
    resumable: true,
    at: 1_000,
  });
  return { ...job, ...given };
}
