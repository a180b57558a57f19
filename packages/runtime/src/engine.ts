// For those who write an engine whose guests run in threads: the host's side.
export {
  type AdmitModule,
  type AdmittedModule,
  compileCapped,
  createThreadEngine,
  type ThreadEngineOptions,
  type WorkerEngineOptions,
} from "./guest/worker/worker-engine.js";
export { checkResources } from "./abi/check-module.js";
export { describeShape, moduleInvalid, openModuleInTurns } from "./abi/describe-module.js";
export type { ModuleShape } from "./abi/module-shape.js";
export { formatSignature } from "./abi/signature.js";
export { printableLine } from "./guest/guest-text.js";
export type { CompileOptions, GuestEngine } from "./guest/guest.js";
export { DEFAULT_GUEST_LIMITS, type GuestLimits } from "./guest/limits.js";

// The thread's side.
export { GuestFault } from "./abi/guest-fault.js";
export { toFault } from "./abi/to-fault.js";
export { type StartMessage, type ThreadData, TO_GUEST, TO_HOST, WORD } from "./guest/worker/channel-layout.js";
export { GuestEnd } from "./guest/worker/guest-end.js";
export { GuestLink } from "./guest/worker/guest-link.js";
