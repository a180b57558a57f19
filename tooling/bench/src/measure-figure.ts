import { ContenderProcess } from "./contender-process.ts";
import { type Figure, ROLES, type Role } from "./figure.ts";
import { type Result, resultOf } from "./result.ts";

export interface MeasureOptions {
  readonly quick: boolean;
  /** Called before each round. */
  readonly onRound?: (round: number, rounds: number) => void;
}

/**
 * Measures a figure. Its contenders take turns, round by round, so that a clock that drifts and a neighbour that wakes up
 * hit all alike; the first round of each is thrown away.
 */
export async function measureFigure(figure: Figure, options: MeasureOptions): Promise<Result> {
  await using kept = new AsyncDisposableStack();
  const roles = ROLES.filter((role) => figure[role] !== undefined);
  const rounds = options.quick ? 1 : figure.rounds;
  const samples = new Map<Role, number[]>(roles.map((role) => [role, []]));
  const turns = new Map<Role, () => Promise<readonly number[]>>();
  for (const role of roles) turns.set(role, await prepareTurn(figure, role, options.quick, kept));

  const first = options.quick || figure.warmUp === false ? 1 : 0;
  for (let round = first; round <= rounds; round++) {
    options.onRound?.(round, rounds);
    for (const [role, takeTurn] of turns) {
      const measured = await takeTurn();
      if (round > 0) samples.get(role)?.push(...measured);
    }
  }
  return resultOf(figure, samples);
}

async function prepareTurn(
  figure: Figure,
  role: Role,
  quick: boolean,
  kept: AsyncDisposableStack,
): Promise<() => Promise<readonly number[]>> {
  if (figure[role]?.process === "fresh") {
    return async () => {
      await using contender = await ContenderProcess.open(figure, role, quick);
      return await contender.round();
    };
  }
  const contender = kept.use(await ContenderProcess.open(figure, role, quick));
  return () => contender.round();
}
