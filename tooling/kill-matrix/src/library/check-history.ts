import { parseJson } from "@spacedrive/wire";
import { z } from "zod";
import type { Scene } from "../scene.ts";
import { LibraryCopy } from "./library-copy.ts";

const entrySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("status"), status: z.string(), attempt: z.int() }),
  z.object({ kind: z.literal("checkpoint"), checkpoint: z.int() }),
  z.object({ kind: z.literal("call"), method: z.string(), code: z.string().nullable(), replayed: z.boolean() }),
  z.object({ kind: z.literal("warning"), message: z.string() }),
]);

/**
 * What is wrong with the history of the jobs of a run that has come to its end. It tells of no checkpoint twice, of no more
 * actions than were made (one that was answered from the journal says so), and last that the job is completed.
 */
export function checkHistory(scene: Scene): string[] {
  using copy = new LibraryCopy(scene);
  const rows = copy.rows("library.db", "job_history").toSorted((a, b) => Number(a["number"]) - Number(b["number"]));
  const effects = copy.rows("library.db", "effects");
  return copy.rows("library.db", "jobs").flatMap(({ id, type, attempt }) => {
    const own = rows.filter(({ job_id }) => job_id === id);
    const entries = own.map(({ entry }) => entrySchema.parse(parseJson(String(entry), "an entry of a history")));
    const last = entries.at(-1);
    const problems: string[] = [];
    if (last?.kind !== "status" || last.status !== "completed" || last.attempt !== attempt) {
      problems.push(`it ends with ${JSON.stringify(last)}`);
    }
    const checkpoints = entries.flatMap((entry) => (entry.kind === "checkpoint" ? [entry.checkpoint] : []));
    if (checkpoints.some((checkpoint, index) => checkpoint <= (checkpoints[index - 1] ?? 0))) {
      problems.push(`it has the checkpoints ${checkpoints.join(", ")}`);
    }
    const made = entries.filter(
      (entry) => entry.kind === "call" && entry.method.startsWith("action:") && entry.code === null && !entry.replayed,
    );
    const written = effects.filter(({ what }) => String(what).endsWith(" written"));
    if (made.length > written.length) problems.push(`it has ${made.length} actions, and ${written.length} were made`);
    return problems.map((problem) => `the history of ${String(type)} is wrong: ${problem}`);
  });
}
