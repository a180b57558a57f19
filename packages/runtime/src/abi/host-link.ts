import type { GuestFault } from "./guest-fault.js";
import type { HostLane } from "./host-lane.js";

/**
 * The way from a guest's host functions to its host, as an engine makes it. Ranges are checked already. What waits for
 * an answer returns when it is there; the guest's thread stands still meanwhile.
 */
export interface HostLink {
  /** The bytes of the answer to the last `call`, from 0; valid until the next host function. */
  readonly reply: Buffer<ArrayBufferLike>;
  /** A lane for a new instance that has jobs; null or left out: none. */
  lane?(): HostLane | null;
  /** Marks that the guest gave a sign of life. Costs nanoseconds. */
  beat(): void;
  /** Calls an operation; answers how many bytes of `reply` are the answer. `library` is −1 for none. */
  call(
    memory: Buffer,
    method: number,
    methodLength: number,
    library: number,
    payload: number,
    payloadLength: number,
  ): number;
  log(level: number, memory: Buffer, message: number, length: number): void;
  progress(fraction: number, memory: Buffer, message: number, length: number): void;
  /** True once the state is durable. */
  checkpoint(memory: Buffer, state: number, length: number): boolean;
  /** 0 go on, 1 pause, 2 cancel. */
  interrupt(): number;
  warning(memory: Buffer, message: number, length: number): void;
  addBytes(count: bigint): void;
  addItems(count: bigint): void;
  registerJob(
    memory: Buffer,
    name: number,
    nameLength: number,
    exportName: number,
    exportLength: number,
    resumable: boolean,
  ): boolean;
  /** `kind`: 0 query, 1 action. */
  registerOperation(
    kind: 0 | 1,
    memory: Buffer,
    name: number,
    nameLength: number,
    exportName: number,
    exportLength: number,
  ): boolean;
  fail(memory: Buffer, message: number, length: number): void;
  complete(memory: Buffer, result: number, length: number): void;
  /**
   * Ends the instance at once. A guest's `catch_all` swallows what an import throws, so an engine that can stop the
   * guest here does not come back; one that cannot throws `fault`.
   */
  end(fault: GuestFault): never;
}
