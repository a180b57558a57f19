// For those who bring a host.
export type { HostRun, HostUnderTest, Observation, ObservedEvent } from "./host/host-under-test.js";
export { serveHost } from "./host/serve-host.js";
export { createSubprocessHost } from "./host/subprocess-host.js";
export { checkHost, type CheckHostOptions, type VectorResult } from "./host/check-host.js";

// The vectors themselves.
export { loadVectors, vectorsFolder } from "./vectors/load-vectors.js";
export { loadWasiVectors } from "./vectors/load-wasi-vectors.js";
export {
  type HostScript,
  type HostStep,
  type Vector,
  type VectorDescription,
  type VectorEngine,
  type VectorLimits,
  type VectorNeed,
  vectorSchema,
  type VectorStep,
  type VectorText,
  type VectorExtension,
  writeOut,
} from "./vectors/vector.js";

// For those who bring a guest SDK.
export { checkGuest, type CheckGuestOptions, type GuestCheckResult } from "./guest/check-guest.js";
