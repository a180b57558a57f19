import { defineQuery } from "@spacedrive/wire";
import { z } from "zod";

/** The smallest operation, and the one to copy. */
export const ping = defineQuery({
  name: "test.ping",
  version: 1,
  scope: "library",
  description: "Answers what it was sent, to show that operations can be reached.",
  input: z.object({ message: z.string(), count: z.int().nonnegative().default(1) }),
  output: z.object({ echo: z.string(), count: z.int(), extension_works: z.boolean() }),
});
