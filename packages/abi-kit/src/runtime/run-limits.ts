import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "@spacedrive/runtime";
import type { HostRun } from "../host/host-under-test.js";

/** All limits of a run. */
export function limitsOf({ limits }: HostRun): GuestLimits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_GUEST_LIMITS, ...Object.fromEntries(given) };
}
