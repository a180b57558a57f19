import { describeIssues, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import type { Observation } from "./host-under-test.js";

/** What a host answers to a run. What an event lacks is a difference from what is expected, and compared as such. */
export const observationsSchema = z.array(
  z.looseObject({
    error: z.string().optional(),
    message: z.string().optional(),
    returned: z.int().optional(),
    answer: z.string().optional(),
    outcome: z.string().optional(),
    keptWarnings: z.int().optional(),
    alive: z.boolean(),
    events: z.array(z.looseObject({ event: z.string() })),
  }),
);

/**
 * Holds an adapter's answer to the shape of docs/conformance.md.
 *
 * @throws SpacedriveError `INVALID_INPUT`, which says where it is another.
 */
export function parseObservations(answer: unknown): readonly Observation[] {
  const parsed = observationsSchema.safeParse(answer);
  if (!parsed.success) {
    throw new SpacedriveError("INVALID_INPUT", `it answered no list of observations: ${describeIssues(parsed.error)}`);
  }
  // Proof: the schema has held every field but those of the events, which are compared one by one.
  return parsed.data as unknown as readonly Observation[];
}
