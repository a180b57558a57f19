import type { StandingOrder } from "../job.js";
import type { Intent } from "./attempt-end.js";

/**
 * What is wanted at the end of an attempt: what it was told, and what stands in its job's row. There an order lies that came in
 * a transaction of somebody else's, until whoever ends the attempt obeys it.
 */
export function intentWith(intent: Intent, ordered: StandingOrder | null): Intent {
  if (ordered === "cancel") return "cancel";
  return ordered === "pause" && (intent === "run" || intent === "release") ? "pause" : intent;
}
