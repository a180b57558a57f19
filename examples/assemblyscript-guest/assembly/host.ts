/** What the work of an extension asks of its host. The two ways to reach one are two classes of this. */
export interface Host {
  /** Calls an operation, for a library or for none; answers its output, or an error envelope, as JSON text. */
  call(method: string, library: string | null, payload: string): string;
  /** Keeps a job's state, JSON text; true once it is durable. */
  checkpoint(state: string): bool;
  /** Whether the job is to pause (1) or to end (2); 0: it goes on. */
  checkInterrupt(): i32;
  /** From 0 to 1; what is no number is 0. */
  reportProgress(fraction: f64, message: string): void;
  addWarning(message: string): void;
  addItems(count: u32): void;
  /** The reason of a job that then returns 2. */
  failWith(reason: string): void;
  /** The result, JSON text, of a job that then returns 0. */
  completeWith(result: string): void;
}
