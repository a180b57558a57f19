import type { Comparison } from "./comparison.ts";
import { ContenderProcess } from "./contender-process.ts";
import { contendersOf } from "./contenders.ts";
import type { Figure } from "./figure.ts";

export interface MeasureOptions {
  readonly quick: boolean;
  /** Called before each round. */
  readonly onRound?: (round: number, rounds: number) => void;
}

/**
 * Measures a line of a table. Its contenders take turns, round by round, so that a clock that drifts and a neighbour that wakes
 * up hit all alike; the first round of each is thrown away.
 */
export async function takeSamples(
  line: Figure | Comparison,
  options: MeasureOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  await using kept = new AsyncDisposableStack();
  const rounds = options.quick ? 1 : line.rounds;
  const samples = new Map<string, number[]>();
  const turns = new Map<string, () => Promise<readonly number[]>>();
  for (const [name, contender] of contendersOf(line)) {
    samples.set(name, []);
    const open = (): Promise<ContenderProcess> =>
      ContenderProcess.open(line.name, name, `${line.name}, ${contender.name}`, options.quick);
    turns.set(name, contender.process === "fresh" ? () => inFreshProcess(open) : await inKeptProcess(open, kept));
  }

  const first = options.quick || line.warmUp === false ? 1 : 0;
  for (let round = first; round <= rounds; round++) {
    options.onRound?.(round, rounds);
    for (const [name, takeTurn] of turns) {
      const measured = await takeTurn();
      if (round > 0) samples.get(name)?.push(...measured);
    }
  }
  return samples;
}

async function inFreshProcess(open: () => Promise<ContenderProcess>): Promise<readonly number[]> {
  await using contender = await open();
  return await contender.round();
}

async function inKeptProcess(
  open: () => Promise<ContenderProcess>,
  kept: AsyncDisposableStack,
): Promise<() => Promise<readonly number[]>> {
  const contender = kept.use(await open());
  return () => contender.round();
}
