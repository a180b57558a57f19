import { writeJson } from "./json/codec";
import { JsonValue } from "./json/value";
import { JsonWriter } from "./json/writer";
import { Result } from "./result";
import { Uuid } from "./uuid";
import { callWith } from "./wire";

/** How a job stands. */
@json
export class JobInfo {
  job_id!: Uuid;
  /** `<extension>:<job>`. */
  job_type: string = "";
  /** `queued`, `running`, `paused`, `suspended`, `completed`, `failed` or `cancelled`. */
  status!: string;
  /** 0 to 1. */
  progress: f32 = 0;
  message: string = "";
  warnings: string[] = [];
  /** What the job answered, once it has. Not in lists. */
  result: JsonValue | null = null;
  /** Why it failed, where it did: an object with `code` and `message`. */
  failure: JsonValue | null = null;

  /** True once nothing more will happen by itself. */
  get ended(): bool {
    return this.status == "completed" || this.status == "failed" || this.status == "cancelled";
  }
}

@json
class Dispatched {
  job_id!: Uuid;
}

@json
class Spawned {
  job_ids!: Uuid[];
}

@json
class JobList {
  jobs!: JobInfo[];
}

/** Background jobs: this extension's own, another's, or the host's. */
@final
export class JobClient {
  constructor(private readonly libraryId: Uuid | null) {}

  /** Starts a job of the type `<extension>:<job>`; its parameters are its first state. Gives its id. */
  dispatch<P>(jobType: string, params: P): Result<Uuid> {
    const dispatched = callWith<Dispatched>(this.libraryId, "action:jobs.dispatch.input.v1", start<P>(jobType, params));
    if (dispatched.failed) return dispatched.failureOf<Uuid>();
    return Result.ok<Uuid>(dispatched.value.job_id);
  }

  /** From a job: starts a child of it, which is cancelled with it, and for which `ctx.waitForChildren()` waits. Gives its id. */
  spawn<P>(jobType: string, params: P): Result<Uuid> {
    const spawned = callWith<Dispatched>(this.libraryId, "action:jobs.spawn.input.v1", start<P>(jobType, params));
    if (spawned.failed) return spawned.failureOf<Uuid>();
    return Result.ok<Uuid>(spawned.value.job_id);
  }

  /** The same for up to 1,000 at once: one child for each of `params`. Gives their ids, in the same order. */
  spawnMany<P>(jobType: string, params: P[]): Result<Uuid[]> {
    const spawned = callWith<Spawned>(this.libraryId, "action:jobs.spawn_many.input.v1", start<P[]>(jobType, params));
    if (spawned.failed) return spawned.failureOf<Uuid[]>();
    return Result.ok<Uuid[]>(spawned.value.job_ids);
  }

  getStatus(jobId: Uuid): Result<JobInfo> {
    return callWith<JobInfo>(this.libraryId, "query:jobs.get_status.v1", about(jobId));
  }

  pause(jobId: Uuid): Result<void> {
    return callWith<void>(this.libraryId, "action:jobs.pause.input.v1", about(jobId));
  }

  resume(jobId: Uuid): Result<void> {
    return callWith<void>(this.libraryId, "action:jobs.resume.input.v1", about(jobId));
  }

  cancel(jobId: Uuid): Result<void> {
    return callWith<void>(this.libraryId, "action:jobs.cancel.input.v1", about(jobId));
  }

  /** Starts a failed job again, from its last checkpoint. */
  retry(jobId: Uuid): Result<void> {
    return callWith<void>(this.libraryId, "action:jobs.retry.input.v1", about(jobId));
  }

  /** The library's jobs, newest first. */
  list(): Result<JobInfo[]> {
    const input = JsonWriter.open();
    input.beginObject();
    input.endObject();
    const listed = callWith<JobList>(this.libraryId, "query:jobs.list.v1", input);
    if (listed.failed) return listed.failureOf<JobInfo[]>();
    return Result.ok<JobInfo[]>(listed.value.jobs);
  }
}

function start<P>(jobType: string, params: P): JsonWriter {
  const input = JsonWriter.open();
  input.beginObject();
  input.plainKey('"job_type":');
  input.writeString(jobType);
  input.plainKey('"params":');
  writeJson<P>(input, params);
  input.endObject();
  return input;
}

function about(jobId: Uuid): JsonWriter {
  const input = JsonWriter.open();
  input.beginObject();
  input.plainKey('"job_id":');
  writeJson<Uuid>(input, jobId);
  input.endObject();
  return input;
}
