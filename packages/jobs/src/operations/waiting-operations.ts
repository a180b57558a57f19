import { type Caller, implement, type LibraryOperationContext, type Operation, parseJobId } from "@spacedrive/wire";
import type { z } from "zod";
import type { JobManager } from "../manager/job-manager.js";
import type { PreparedWake } from "../manager/prepared-wake.js";
import { findJob } from "./caller-jobs.js";
import { countChildren, wakeWhen } from "./definitions.js";
import { eventOperations } from "./event-operations.js";
import { eventToAwait } from "./caller-events.js";
import type { WakeWhen } from "../wake-when.js";
import { callingJob } from "./start-operations.js";

/** The operations by which a job waits. */
export function waitingOperations(manager: JobManager): Operation[] {
  const prepare = async (
    ctx: LibraryOperationContext,
    input: z.output<typeof wakeWhen.input>,
  ): Promise<PreparedWake> => {
    const { children, at_unix_ms: at, after_ms: afterMs, event } = input;
    const by = callingJob(ctx, "jobs.wake_when");
    const awaited = typeof children === "object" ? children.map(parseJobId) : children;
    return manager.prepareWake(by, { at, afterMs, children: awaited, event: awaitedEvent(ctx.caller, event) });
  };
  return [
    manager.joinsTransactions
      ? implement(wakeWhen, {
          prepare,
          commit: (tx, wake: PreparedWake) => {
            wake.noteIn(tx);
            return {};
          },
          committed: (wake) => wake.noted(),
        })
      : implement(wakeWhen, {
          async run(ctx, input) {
            await (await prepare(ctx, input)).noted();
            return {};
          },
        }),
    ...eventOperations(manager),
    implement(countChildren, {
      async run(ctx, input) {
        const counts = await manager.reader.countChildren((await findJob(manager, input.job_id, ctx)).id);
        const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
        return { total, by_status: counts };
      },
    }),
  ];
}

function awaitedEvent(caller: Caller, event: z.output<typeof wakeWhen.input>["event"]): WakeWhen["event"] {
  if (event === undefined) return undefined;
  if (typeof event === "string") return eventToAwait(caller, event);
  return { ...event, name: eventToAwait(caller, event.name) };
}
