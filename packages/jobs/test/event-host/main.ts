import { createLibraryId, parseLibraryId } from "@spacedrive/wire";
import { z } from "zod";
import { defineJob, type Job, type JobManager } from "../../src/index.js";
import { startHost } from "../journal-host.js";

/*
 * A host in a process of its own, in which one job emits events, another waits for them, and a third is cancelled by the first
 * while it runs:
 *   main.ts <folder> <library> [<which transaction, from 1> <moment>]
 * It kills itself there; without the rest it goes on to the end, and tells how that is in one line of JSON.
 */
const [folder = "", libraryText, countText, moment = ""] = process.argv.slice(2);
const library = libraryText === undefined ? createLibraryId() : parseLibraryId(libraryText);
const countdown = Number(countText);
const EVENTS = 2;

const numbered = z.object({ number: z.int() });

const listener = defineJob({
  type: "test.listener",
  state: z.object({ after: z.int(), heard: z.array(z.int()) }),
  result: z.array(z.int()),
  async run(ctx, { after, heard }) {
    const { number } = numbered.parse(await ctx.call("query:jobs.last_event", { name: "test.round" }));
    if (number >= EVENTS) return [...heard, number];
    const state = number > after ? { after: number, heard: [...heard, number] } : { after, heard };
    return ctx.suspendUntil(state, { event: { name: "test.round", after: state.after } });
  },
});

const victim = defineJob({
  type: "test.victim",
  state: z.unknown(),
  async run(ctx) {
    await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    ctx.throwIfInterrupted();
  },
});

const emitter = defineJob({
  type: "test.emitter",
  state: z.object({ round: z.int(), victim: z.string() }),
  async run(ctx, state) {
    for (; state.round < EVENTS; state.round++) {
      await ctx.checkpoint(state);
      await ctx.call("action:jobs.emit_event", { name: "test.round", payload: state.round });
    }
    await ctx.call("action:jobs.cancel", { job_id: state.victim });
  },
});

let seen = 0;
function dieWhenItIsTime(at: string): void {
  if (at !== moment || ++seen !== countdown) return;
  process.kill(process.pid, "SIGKILL");
  // The signal takes a moment; nothing may happen in it.
  for (;;);
}

/** Dispatched once, whatever it takes: a process that died in between left none of them or some. */
async function find(manager: JobManager, type: string, params: unknown): Promise<Job> {
  const [known] = await manager.list({ type });
  return known === undefined ? manager.dispatch(type, params, { library }) : manager.get(known.id);
}

async function main(): Promise<void> {
  const world = { folder, library, sent: [], value: "", padding: 0 };
  await using host = await startHost(world, { onTransaction: (_kind, at) => dieWhenItIsTime(at) });
  const { manager } = host;
  for (const job of [listener, victim, emitter]) manager.register(job);
  const doomed = await find(manager, victim.type, 0);
  const jobs = [
    doomed,
    await find(manager, listener.type, { after: 0, heard: [] }),
    await find(manager, emitter.type, { round: 0, victim: doomed.id }),
  ];
  const ends = await Promise.all(jobs.map((job) => job.done()));
  const last = await manager.events.last("test.round", library);
  process.stdout.write(
    JSON.stringify({
      ends: ends.map(({ type, status, result }) => `${type} ${status} ${result ?? ""}`),
      last: last === null ? null : `${last.number} ${last.payload}`,
    }),
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
