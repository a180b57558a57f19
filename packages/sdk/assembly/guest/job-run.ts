import { job_complete, job_fail } from "../env";
import { codes, Failure } from "../failure";
import { JobContext } from "../job-context";
import { writeJson } from "../json/codec";
import { parseAt } from "../json/value";
import { JsonWriter } from "../json/writer";
import { log } from "../log";
import { Result } from "../result";
import { Uuid } from "../uuid";
import { readParameters } from "./call-parameters";
import { firstText } from "./text-buffer";

const COMPLETED: i32 = 0;
const INTERRUPTED: i32 = 1;
const FAILED: i32 = 2;
const SUSPENDED: i32 = 3;

/** One attempt at a job. */
@final
export class JobRun<S> {
  constructor(readonly context: JobContext, readonly state: S) {}

  /** Ends the attempt: what the job's export returns. */
  end<R>(result: Result<R>): i32 {
    const context = this.context;
    const failure = result.failure;
    let code = COMPLETED;
    if (failure === null) {
      if (!isVoid<R>()) {
        const writer = JsonWriter.open();
        writeJson<R>(writer, result.value);
        code = complete(context.jobId, writer);
      }
    } else if (isInterrupt(failure)) {
      code = interrupt(context.checkpoint<S>(this.state));
    } else if (failure.code == codes.SUSPENDED) {
      // Without the state that it waits in, the job would do again what it has done.
      const checkpoint = context.checkpoint<S>(this.state);
      code = checkpoint.failed ? reportFailure(context.jobId, checkpoint.error) : SUSPENDED;
    } else {
      code = reportFailure(context.jobId, failure);
    }
    context.release();
    return code;
  }
}

/** Reads what the host hands to a job's export. Null after a failure that has been reported. */
export function startJob<S>(context: usize, contextLength: i32, state: usize, stateLength: i32): JobRun<S> | null {
  const job = readContext(context, contextLength);
  if (job === null) return null;
  // No state at all is an empty one, so that a job without parameters starts with the defaults of its class.
  const empty: u16 = 0x7d7b;
  const read = stateLength == 0 ? parseAt<S>(memory.data<u16>([empty]), 2) : parseAt<S>(state, stateLength);
  if (read.failed) {
    refuseState(job, read.error);
    return null;
  }
  return new JobRun<S>(job, read.value);
}

function readContext(pointer: usize, length: i32): JobContext | null {
  const parameters = readParameters(pointer, length);
  const jobId: Uuid | null = parameters.failed ? null : parameters.value.job_id;
  if (jobId === null) {
    log.error("the host's job context has no job id");
    return null;
  }
  return new JobContext(jobId, parameters.value.library_id);
}

function refuseState(job: JobContext, fault: Failure): void {
  reportFailure(job.jobId, new Failure(codes.INVALID_STATE, "the job's state cannot be read: " + fault.message));
  job.release();
}

/** A call that was cancelled because the job was is an interrupt that the job saw. */
function isInterrupt(failure: Failure): bool {
  return failure.code == codes.INTERRUPTED || failure.code == codes.CANCELLED;
}

function interrupt(checkpoint: Result<void>): i32 {
  // The job then goes on from an earlier checkpoint, which is right, only slower.
  if (checkpoint.failed) log.warn("interrupted without a checkpoint: " + checkpoint.error.message);
  return INTERRUPTED;
}

function complete(jobId: Uuid, result: JsonWriter): i32 {
  let code = COMPLETED;
  if (result.failed) code = reportFailure(jobId, new Failure(codes.OPERATION_FAILED, "the job's result cannot be written: " + result.message()));
  else job_complete(jobId.pointer, result.pointer, result.length);
  result.close();
  return code;
}

function reportFailure(jobId: Uuid, failure: Failure): i32 {
  firstText.set(failure.toString());
  job_fail(jobId.pointer, firstText.pointer, firstText.length);
  return FAILED;
}
