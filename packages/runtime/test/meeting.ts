import { defineQuery, type Operation, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";

/** A query `test.meet` that answers once so many calls of it wait at the same time; what it saw at most. */
export interface Meeting {
  readonly operation: Operation;
  /** Calls that waited at the same time, at most. */
  readonly most: () => number;
}

export function createMeeting(size: number): Meeting {
  const waiting = new Set<() => void>();
  let most = 0;
  const operation = defineQuery({
    name: "test.meet",
    scope: "host",
    input: z.object({}),
    output: z.object({ met: z.boolean() }),
    // Those who wait in vain fail, and do not hold the test up.
    timeoutMs: 5_000,
    run: ({ signal }) =>
      new Promise<{ met: boolean }>((resolve, reject) => {
        const go = (): void => resolve({ met: true });
        waiting.add(go);
        most = Math.max(most, waiting.size);
        signal.addEventListener("abort", () => {
          waiting.delete(go);
          reject(new SpacedriveError("TIMEOUT", "nobody came"));
        });
        if (waiting.size < size) return;
        for (const one of waiting) one();
        waiting.clear();
      }),
  });
  return { operation, most: () => most };
}
