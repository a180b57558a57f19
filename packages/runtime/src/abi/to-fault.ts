import { GuestFault } from "./guest-fault.js";

/** In the names of functions of known allocators, which trap when the memory cannot grow. */
const OUT_OF_MEMORY = /growMemory|handle_alloc_error|alloc_error|out_of_memory|(?<![a-z])oom(?![a-z])/i;
/** AssemblyScript's allocators have one bare `unreachable`: after a growth that failed. An optimised build inlines it into any of them. */
const ASSEMBLYSCRIPT_ALLOCATOR = /at ~lib\/rt\/(?:tlsf|itcms|tcms|stub)\//;
const MAX_STACK_CHARACTERS = 16_384;

/** What a guest's failure is. `memoryAtCap`: its memory stood at its maximum. */
export function toFault(thrown: unknown, memoryAtCap: boolean): GuestFault {
  if (thrown instanceof GuestFault) return thrown;
  if (!(thrown instanceof Error)) return new GuestFault("trap", "an exception that nobody caught");
  const stack = (thrown.stack ?? "").slice(0, MAX_STACK_CHARACTERS);
  if (thrown instanceof RangeError && thrown.message.includes("call stack")) {
    return new GuestFault("stack-overflow", "its stack overflowed", stack);
  }
  const topFrame = stack.split("\n").find((line) => line.includes("wasm-function")) ?? "";
  if (
    memoryAtCap ||
    OUT_OF_MEMORY.test(topFrame) ||
    (thrown.message === "unreachable" && ASSEMBLYSCRIPT_ALLOCATOR.test(topFrame)) ||
    (thrown instanceof RangeError && thrown.message.includes("memory"))
  ) {
    return new GuestFault("memory-limit", thrown.message, stack);
  }
  return new GuestFault("trap", thrown.message, stack);
}
