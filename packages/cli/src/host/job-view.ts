import type { getJobStatus } from "@spacedrive/jobs";
import type { z } from "zod";

/** A job as its host tells of it, with state and result as the JSON values that they are. */
export type JobView = z.output<typeof getJobStatus.output>;
