import { randomBytes } from "node:crypto";
import { type Clock, defineQuery, type Operation } from "@spacedrive/wire";
import { z } from "zod";

/** Bytes that one `query:host.random.v1` answers at most. */
export const MAX_RANDOM_BYTES = 65_536;

/** The operations that give a guest what it has none of by itself: a clock and randomness. */
export function hostOperations(clock: Clock): Operation[] {
  return [
    defineQuery({
      name: "host.now",
      scope: "host",
      input: z.object({}),
      output: z.object({ unix_ms: z.number() }),
      description: "The time, in milliseconds since the Unix epoch.",
      run: () => ({ unix_ms: clock.now() }),
    }),
    defineQuery({
      name: "host.random",
      scope: "host",
      input: z.object({ bytes: z.int().min(1).max(MAX_RANDOM_BYTES) }),
      output: z.object({ data: z.base64() }),
      description: "Random bytes, fit for keys.",
      run: (_ctx, { bytes }) => ({ data: randomBytes(bytes).toString("base64") }),
    }),
  ];
}
