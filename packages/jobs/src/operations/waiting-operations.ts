import { implement, type LibraryOperationContext, type Operation, parseJobId } from "@spacedrive/wire";
import type { z } from "zod";
import type { JobManager } from "../manager/job-manager.js";
import type { PreparedWake } from "../manager/prepared-wake.js";
import { findJob } from "./caller-jobs.js";
import { countChildren, wakeWhen } from "./definitions.js";
import { callingJob } from "./start-operations.js";

/** The operations by which a job waits. */
export function waitingOperations(manager: JobManager): Operation[] {
  const prepare = (ctx: LibraryOperationContext, input: z.output<typeof wakeWhen.input>): Promise<PreparedWake> => {
    const { children, at_unix_ms: at, after_ms: afterMs } = input;
    const awaited = typeof children === "object" ? children.map(parseJobId) : children;
    return manager.prepareWake(callingJob(ctx, "jobs.wake_when"), { at, afterMs, children: awaited });
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
    implement(countChildren, {
      async run(ctx, input) {
        const counts = await manager.reader.countChildren((await findJob(manager, input.job_id, ctx)).id);
        const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
        return { total, by_status: counts };
      },
    }),
  ];
}
