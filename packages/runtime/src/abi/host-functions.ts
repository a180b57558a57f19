import { GuestFault } from "./guest-fault.js";
import { allocateBlock } from "./blocks.js";
import type { GuestMemory } from "./guest-memory.js";
import { type GuestState, markDead } from "./guest-state.js";
import type { HostLink } from "./host-link.js";

/** A registered name or export longer than this is refused. */
const MAX_NAME_BYTES = 1024;

/**
 * The host functions of ABI version 1, for one instance. Every pointer and length is made unsigned and checked against
 * the memory before use; a bad one ends the instance.
 */
export function createHostFunctions(guest: GuestState, link: HostLink): Readonly<Record<string, unknown>> {
  const end = (problem: string): never => link.end(markDead(guest, new GuestFault("violation", problem)));

  const enter = (name: string): GuestMemory => {
    const memory = guest.memory;
    if (guest.dead || guest.allocating || memory === null) return refuse(name);
    link.beat();
    return memory;
  };

  const refuse = (name: string): never => {
    if (guest.dead) return end(`it called ${name} after a fault that it had swallowed`);
    if (guest.allocating)
      return end(`it called ${name} within wasm_alloc or wasm_free, where only spacedrive_log is allowed`);
    return end(
      `it called ${name} in its start function, before its memory can be reached: export "_initialize" instead`,
    );
  };

  /** The pointer, once its range is known to be good; 0 where there are no bytes, since then it is not looked at. */
  const check = (memory: GuestMemory, name: string, what: string, pointer: number, length: number): number => {
    if (length === 0) return 0;
    if (!memory.has(pointer, length)) {
      end(`it passed ${name} a ${what} of ${length} bytes at ${pointer}, and its memory has ${memory.bytes.length}`);
    }
    return pointer;
  };

  /** True where the id is that of the job that runs here. */
  const isJob = (memory: GuestMemory, name: string, pointer: number): boolean => {
    if (pointer + 16 > memory.bytes.length) check(memory, name, "job id", pointer, 16);
    const job = guest.job;
    if (job === null) return false;
    const view = memory.view;
    return (
      view.getInt32(pointer, true) === job[0] &&
      view.getInt32(pointer + 4, true) === job[1] &&
      view.getInt32(pointer + 8, true) === job[2] &&
      view.getInt32(pointer + 12, true) === job[3]
    );
  };

  /** For functions that wait or allocate: whatever is thrown through them leaves the instance unusable. */
  const sealed = <Arguments extends readonly never[], Result>(run: (...args: Arguments) => Result) => {
    return (...args: Arguments): Result => {
      try {
        return run(...args);
      } catch (thrown) {
        markDead(guest, thrown);
        throw thrown;
      }
    };
  };

  return {
    spacedrive_call(
      method: number,
      methodLength: number,
      library: number,
      payload: number,
      payloadLength: number,
    ): number {
      const memory = enter("spacedrive_call");
      method >>>= 0;
      methodLength >>>= 0;
      library >>>= 0;
      payload >>>= 0;
      payloadLength >>>= 0;
      method = check(memory, "spacedrive_call", "method", method, methodLength);
      if (library !== 0) check(memory, "spacedrive_call", "library id", library, 16);
      payload = check(memory, "spacedrive_call", "payload", payload, payloadLength);
      try {
        const length = link.call(
          memory.bytes,
          method,
          methodLength,
          library === 0 ? -1 : library,
          payload,
          payloadLength,
        );
        return allocateBlock(guest, link, length);
      } catch (thrown) {
        markDead(guest, thrown);
        throw thrown;
      }
    },

    spacedrive_log(level: number, message: number, length: number): void {
      const memory = guest.memory;
      if (guest.dead || memory === null) return refuse("spacedrive_log");
      link.beat();
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "spacedrive_log", "message", message, length);
      link.log(level >>> 0, memory.bytes, message, length);
    },

    job_report_progress(job: number, fraction: number, message: number, length: number): void {
      const memory = enter("job_report_progress");
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "job_report_progress", "message", message, length);
      if (isJob(memory, "job_report_progress", job >>> 0)) link.progress(fraction, memory.bytes, message, length);
    },

    job_checkpoint: sealed((job: number, state: number, length: number): number => {
      const memory = enter("job_checkpoint");
      state >>>= 0;
      length >>>= 0;
      state = check(memory, "job_checkpoint", "state", state, length);
      return isJob(memory, "job_checkpoint", job >>> 0) && link.checkpoint(memory.bytes, state, length) ? 0 : 1;
    }),

    job_check_interrupt(job: number): number {
      const memory = enter("job_check_interrupt");
      return isJob(memory, "job_check_interrupt", job >>> 0) ? link.interrupt() : 2;
    },

    job_add_warning: sealed((job: number, message: number, length: number): void => {
      const memory = enter("job_add_warning");
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "job_add_warning", "message", message, length);
      if (isJob(memory, "job_add_warning", job >>> 0)) link.warning(memory.bytes, message, length);
    }),

    job_increment_bytes(job: number, count: bigint): void {
      const memory = enter("job_increment_bytes");
      if (isJob(memory, "job_increment_bytes", job >>> 0)) link.addBytes(count);
    },

    job_increment_items(job: number, count: bigint): void {
      const memory = enter("job_increment_items");
      if (isJob(memory, "job_increment_items", job >>> 0)) link.addItems(count);
    },

    register_job: sealed(
      (name: number, nameLength: number, exportName: number, exportLength: number, resumable: number): number => {
        const memory = enter("register_job");
        name >>>= 0;
        nameLength >>>= 0;
        exportName >>>= 0;
        exportLength >>>= 0;
        name = check(memory, "register_job", "name", name, nameLength);
        exportName = check(memory, "register_job", "export name", exportName, exportLength);
        if (!guest.starting || nameLength > MAX_NAME_BYTES || exportLength > MAX_NAME_BYTES) return 1;
        return link.registerJob(memory.bytes, name, nameLength, exportName, exportLength, resumable !== 0) ? 0 : 1;
      },
    ),

    register_operation: sealed(
      (kind: number, name: number, nameLength: number, exportName: number, exportLength: number): number => {
        const memory = enter("register_operation");
        name >>>= 0;
        nameLength >>>= 0;
        exportName >>>= 0;
        exportLength >>>= 0;
        name = check(memory, "register_operation", "name", name, nameLength);
        exportName = check(memory, "register_operation", "export name", exportName, exportLength);
        if (kind !== 0 && kind !== 1) return 1;
        if (!guest.starting || nameLength > MAX_NAME_BYTES || exportLength > MAX_NAME_BYTES) return 1;
        return link.registerOperation(kind, memory.bytes, name, nameLength, exportName, exportLength) ? 0 : 1;
      },
    ),

    job_fail: sealed((job: number, message: number, length: number): void => {
      const memory = enter("job_fail");
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "job_fail", "message", message, length);
      if (isJob(memory, "job_fail", job >>> 0)) link.fail(memory.bytes, message, length);
    }),

    job_complete: sealed((job: number, result: number, length: number): void => {
      const memory = enter("job_complete");
      result >>>= 0;
      length >>>= 0;
      result = check(memory, "job_complete", "result", result, length);
      if (isJob(memory, "job_complete", job >>> 0)) link.complete(memory.bytes, result, length);
    }),
  };
}
