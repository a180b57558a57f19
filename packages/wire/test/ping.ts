import { z } from "zod";
import { defineQuery, type Operation } from "../src/index.js";

/** The smallest operation, as `core` has it. */
export const ping = defineQuery({
  name: "test.ping",
  version: 1,
  scope: "library",
  input: z.object({ message: z.string(), count: z.int().default(1) }),
  output: z.object({ echo: z.string(), count: z.int() }),
  run: (_ctx, input) => ({ echo: `Pong: ${input.message}`, count: input.count }),
}) satisfies Operation;
