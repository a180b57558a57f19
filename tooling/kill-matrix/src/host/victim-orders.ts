import { z } from "zod";

const sceneSchema = z.object({ dataDir: z.string(), folder: z.string(), acknowledged: z.string() });

const cutSchema = z.object({ place: z.string(), which: z.int(), moment: z.enum(["before", "after"]) });

/** What the process that is to be killed is told, as JSON in its first argument. */
export const victimOrdersSchema = z.object({ scene: sceneSchema, cut: cutSchema.nullable() });

export type VictimOrders = z.output<typeof victimOrdersSchema>;
