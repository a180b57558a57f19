import type { GuestCheck } from "./guest-check.js";
import { JOB_CHECKS } from "./job-checks.js";
import { MEMORY_CHECKS } from "./memory-checks.js";
import { CALL_CHECKS, OPERATION_CHECKS, START_CHECKS } from "./operation-checks.js";
import type { StrictGuest } from "./strict-guest.js";

/** Every check of a guest, in the order in which they are made. */
export const GUEST_CHECKS: readonly GuestCheck<StrictGuest>[] = [
  ...START_CHECKS,
  ...OPERATION_CHECKS,
  ...CALL_CHECKS,
  ...JOB_CHECKS,
  ...MEMORY_CHECKS,
];
