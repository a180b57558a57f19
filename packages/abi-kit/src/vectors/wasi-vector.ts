import { z } from "zod";
import { type VectorNeed, vectorSchema } from "./vector.js";

/**
 * What the host of a vector must see that not every transport shows it: `turns`, that a guest has not read a reply yet;
 * `streams`, when standard error was written among standard output.
 */
const needSchema = z.enum(["turns", "streams"] satisfies readonly VectorNeed[]);

/** The description of a vector of the protocol of WASI guests. */
export const wasiVectorSchema = vectorSchema.extend({
  /** What the guest does, a line for each thing, where it plays a script; the package's scripts/scripted-guest.ts tells the lines. */
  guest: z.array(z.string()).min(1).optional(),
  /** What the host must see for it; a host that does not may decline the vector. */
  needs: z.array(needSchema).min(1).optional(),
});
