import { ping } from "@spacedrive/core";
import { defineQuery, implement, type Operation } from "@spacedrive/runtime";
import { z } from "zod";

/** Core's own `test.ping`, word for word, but for the one line that takes the time. */
export function pingThatTells(onPing: () => void): Operation {
  return implement(ping, {
    run: (_ctx, { message, count }) => {
      onPing();
      return { echo: `Pong: ${message}`, count, extension_works: true };
    },
  });
}

/** `query:bench.mark.v1`: how a guest, which has no clock, lets the host take the time. */
export function markThatTells(onMark: () => void): Operation {
  return defineQuery({
    name: "bench.mark",
    scope: "host",
    input: z.object({}),
    output: z.object({}),
    description: "A guest says that it is here.",
    run: () => {
      onMark();
      return {};
    },
  });
}
