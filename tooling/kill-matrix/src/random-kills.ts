import type { Lane } from "./lane.ts";
import { problemsAtEnd } from "./every-operation.ts";
import type { Reference } from "./reference.ts";
import { seededRandom } from "./seeded-random.ts";
import type { KillMoment } from "./victim-process.ts";

const FEWEST_KILLS = 4;
const MOST_KILLS = 10;
/** The others fall once the host is open. */
const SHARE_AT_START = 0.3;

/**
 * When the processes of a round are killed, one after the other: while they start, or while they work. How far the run gets
 * meanwhile depends on the machine, so that a seed repeats the moments and not quite the run.
 */
export function momentsOf(
  round: number,
  seed: number,
  { openMs, workMs }: Pick<Reference, "openMs" | "workMs">,
): KillMoment[] {
  const random = seededRandom(seed, `round ${round}`);
  const kills = FEWEST_KILLS + Math.floor(random() * (MOST_KILLS - FEWEST_KILLS + 1));
  // On average half of it: all together they come near to the end, and now and then to it.
  const mostMs = Math.min(workMs, (workMs * 2.5) / kills);
  return Array.from({ length: kills }, () =>
    random() < SHARE_AT_START
      ? { from: "start", afterMs: random() * openMs }
      : { from: "open", afterMs: random() * mostMs },
  );
}

export interface RoundResult {
  readonly kills: number;
  readonly killsAtStart: number;
  readonly problems: readonly string[];
  readonly kept: string | null;
}

/** Kills a run again and again, looks at what each kill leaves, brings it to its end and compares. */
export async function killRound(
  lane: Lane,
  round: number,
  seed: number,
  reference: Reference,
  keep: boolean,
): Promise<RoundResult> {
  const name = `round-${round}`;
  const scene = await lane.open(name);
  let kills = 0;
  let killsAtStart = 0;
  let problems: readonly string[] = [];
  for (const kill of momentsOf(round, seed, reference)) {
    const end = await lane.run(scene, { kill });
    if (end.kind === "failed") problems = [end.problem];
    if (end.kind !== "killed") break;
    kills++;
    if (kill.from === "start") killsAtStart++;
    problems = (await lane.check(scene)).problems;
    if (problems.length > 0) break;
  }
  if (problems.length === 0) problems = await problemsAtEnd(lane, scene, reference);
  const kept = await lane.leave(name, keep && problems.length > 0);
  return { kills, killsAtStart, problems: problems.map((problem) => `after ${kills} kills: ${problem}`), kept };
}
