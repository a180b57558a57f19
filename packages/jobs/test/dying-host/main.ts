import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createLibraryId, parseLibraryId } from "@spacedrive/wire";
import { z } from "zod";
import { defineJob } from "../../src/index.js";
import { type Moment, startHost, type TransactionKind } from "../journal-host.js";
import { linesJob } from "./lines-job.js";

/*
 * A host in a process of its own that runs the job of `lines-job.ts` on the databases of a folder, and kills itself:
 *   main.ts <folder> <library> [<kind of transaction, or any> <which, from 1> <moment>]
 * Without the rest it goes on with what is there, to the end, and tells how it ended in one line of JSON. What it reads is
 * another at every read of every process.
 */
const [folder = "", libraryText, kind = "", countText, moment = ""] = process.argv.slice(2);
const library = libraryText === undefined ? createLibraryId() : parseLibraryId(libraryText);
const countdown = Number(countText);

let seen = 0;
function dieWhenItIsTime(now: TransactionKind, at: Moment): void {
  if ((kind !== "any" && kind !== now) || at !== moment || ++seen !== countdown) return;
  process.kill(process.pid, "SIGKILL");
  // The signal takes a moment; nothing may happen in it.
  for (;;);
}

async function main(): Promise<void> {
  const world = {
    folder,
    library,
    sent: { push: (key: string) => appendFileSync(join(folder, "sent"), `${key}\n`) },
    get value() {
      return randomUUID();
    },
    padding: 0,
  };
  await using host = await startHost(world, { job: linesJob, onTransaction: dieWhenItIsTime });
  host.manager.register(defineJob({ type: "test.child", state: z.unknown(), run() {} }));
  const [known] = await host.manager.list({ type: "test.lines" });
  const job =
    known === undefined
      ? await host.manager.dispatch(linesJob, { round: 0 }, { library })
      : await host.manager.get(known.id);
  const { status, warnings, error } = await job.done();
  const children = await host.manager.list({ type: "test.child" });
  const rounds = children.map(({ state }) => state?.replace(/,"value".*/, ""));
  process.stdout.write(JSON.stringify({ status, warnings, error, lines: host.effects(), rounds }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
