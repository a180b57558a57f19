import type { Cut } from "./host/store-cuts.ts";
import type { Lane } from "./lane.ts";
import { diffLibraries } from "./library/diff-libraries.ts";
import type { Reference } from "./reference.ts";

/** A cut, as the option `--cut` takes it. */
export function nameOf({ place, which, moment }: Cut): string {
  return `${place} ${which} ${moment}`;
}

/** All cuts of a run that makes these operations. */
export function cutsOf(operations: ReadonlyMap<string, number>): Cut[] {
  return [...operations].flatMap(([place, count]) =>
    Array.from({ length: count }, (_, index) =>
      (["before", "after"] as const).map((moment) => ({ place, which: index + 1, moment })),
    ).flat(),
  );
}

/**
 * Cuts a run, looks at what is left, brings it to its end and compares. Problems: none where it is as if nothing had been.
 * `missed`: the run came to its end before it came to its cut.
 */
export async function cutRun(
  lane: Lane,
  cut: Cut,
  reference: Reference,
  keep: boolean,
): Promise<{ readonly missed: boolean; readonly problems: readonly string[]; readonly kept: string | null }> {
  const name = nameOf(cut).replaceAll(/[^a-z0-9]+/g, "-");
  const scene = await lane.open(name);
  const end = await lane.run(scene, { cut });
  const problems = end.kind === "failed" ? [end.problem] : await problemsAtEnd(lane, scene, reference);
  const kept = await lane.leave(name, keep && problems.length > 0);
  return { missed: end.kind === "finished", problems, kept };
}

/** Brings a run to its end. */
export async function problemsAtEnd(
  lane: Lane,
  scene: Parameters<Lane["finish"]>[0],
  reference: Reference,
): Promise<readonly string[]> {
  const { problems, library } = await lane.finish(scene);
  return library === null ? problems : [...problems, ...diffLibraries(reference.library, library)];
}
