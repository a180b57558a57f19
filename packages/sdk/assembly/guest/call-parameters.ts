import { parseAt } from "../json/value";
import { Result } from "../result";
import { Uuid } from "../uuid";

/** What the host says about a call of an export. Fields that it does not know yet are ignored. */
@json
export class CallParameters {
  /** Of a job's export. */
  job_id: Uuid | null = null;
  library_id: Uuid | null = null;
  /** Of an operation's export. */
  caller: string = "";
}

export function readParameters(pointer: usize, length: i32): Result<CallParameters> {
  return parseAt<CallParameters>(pointer, length);
}
