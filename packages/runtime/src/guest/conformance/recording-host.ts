import type { GuestRegistration, HostCallRequest, HostCalls, JobCalls, LogLevel } from "../guest.js";

/** The id that the fixture's jobs name. */
export const JOB_ID = "11111111-1111-4111-8111-111111111111";
/** The library that the fixture's calls name. */
export const LIBRARY_ID = "0a0b0c0d-0e0f-4001-8203-0405060708ff";

/** A host that keeps what it is told and answers as a case wants. */
export class RecordingHost implements HostCalls {
  readonly logs: { readonly level: LogLevel; readonly message: string }[] = [];
  readonly registrations: GuestRegistration[] = [];
  readonly requests: HostCallRequest[] = [];
  accepts = true;
  /** Default: the payload itself. */
  answer: (request: HostCallRequest) => Promise<string> = async (request) => request.payload;

  call(request: HostCallRequest): Promise<string> {
    this.requests.push(request);
    return this.answer(request);
  }

  log(level: LogLevel, message: string): void {
    this.logs.push({ level, message });
  }

  register(registration: GuestRegistration): boolean {
    this.registrations.push(registration);
    return this.accepts;
  }

  get messages(): readonly string[] {
    return this.logs.map((line) => line.message);
  }
}

/** A job's host that keeps the order of what it is told. */
export class RecordingJob implements JobCalls {
  readonly jobId = JOB_ID;
  readonly events: string[] = [];
  readonly states: string[] = [];
  bytes = 0n;
  items = 0n;
  onProgress: () => unknown = () => {};
  onItems: () => unknown = () => {};
  durable: () => Promise<boolean> = async () => true;

  progress(fraction: number, message: string): void {
    this.events.push(`progress ${fraction} ${message}`);
    this.onProgress();
  }

  checkpoint(state: string): Promise<boolean> {
    this.events.push(`checkpoint with ${this.items} items`);
    this.states.push(state);
    return this.durable();
  }

  warning(message: string): void {
    this.events.push(`warning ${message}`);
  }

  addBytes(count: bigint): void {
    this.bytes += count;
  }

  addItems(count: bigint): void {
    this.items += count;
    this.onItems();
  }

  fail(reason: string): void {
    this.events.push(`fail ${reason}`);
  }

  complete(result: string): void {
    this.events.push(`complete ${result}`);
  }
}
