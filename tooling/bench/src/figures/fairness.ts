import { localUser } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { openJobHost } from "../host/open-host.ts";

const CALLS = 2_000;

/** Calls to one extension, one after another, 80 bytes; beside it a neighbour, which is at its limits or does nothing. */
function calls(name: string, flooded: boolean): Contender {
  return {
    name,
    async open(run) {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const host = await openJobHost(begin, flooded);
      const flood = flooded ? await host.core.jobs.dispatch("flood:flood", {}, { library: host.library }) : null;
      if (flooded) await begun;
      const input = { data: "x".repeat(69) };
      const options = { caller: localUser, library: host.library };
      return {
        async round() {
          const samples: number[] = [];
          for (let call = 0; call < run.scaled(CALLS); call++) {
            const from = performance.now();
            await host.core.wire.call("query:bench:echo.v1", input, options);
            samples.push((performance.now() - from) * 1000);
          }
          const status = (await flood?.record())?.status ?? "running";
          if (status !== "running") throw new Error(`the flood is ${status}`);
          return samples;
        },
        [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
      };
    },
  };
}

export const figures: readonly Figure[] = [
  {
    name: "fairness",
    title: "a call of 80 B beside an extension that is at all its limits",
    unit: "µs",
    better: "lower",
    targets: [{ kind: "p99-floors-at-most", ratio: 3 }],
    rounds: 6,
    subject: calls("another extension's job calls, logs, reports and checkpoints without end", true),
    floor: calls("nothing else goes on", false),
  },
];
