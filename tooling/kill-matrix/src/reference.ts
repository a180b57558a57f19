import type { Lane } from "./lane.ts";
import type { CanonicalLibrary } from "./library/canonical-library.ts";

/** A run that nobody interrupted: what it left, what its stores did, and what time it took. */
export interface Reference {
  readonly library: CanonicalLibrary;
  readonly operations: ReadonlyMap<string, number>;
  /** Until its host was open. */
  readonly openMs: number;
  /** From then on. */
  readonly workMs: number;
}

/** Nothing of these may be left of a run that has come to its end. */
const SWEPT = [" job_records ", " sidecar_garbage ", "a file that no sidecar names"];

/** @throws Error where even a run that nobody interrupts goes wrong. */
export async function makeReference(lane: Lane): Promise<Reference> {
  const name = "reference";
  const scene = await lane.open(name);
  const end = await lane.run(scene, {});
  if (end.kind !== "finished") throw wrong(end.kind === "failed" ? end.problem : "somebody killed it");
  // Once more: of what is done, nothing may be done again.
  const { problems, library } = await lane.finish(scene);
  if (library === null || problems.length > 0) throw wrong(problems.join("\n"));
  const left = library.filter((line) => SWEPT.some((what) => line.includes(what)));
  if (left.length > 0) throw wrong(`it left ${left.join("\n")}`);
  await lane.leave(name, false);
  return { library, operations: end.counts, openMs: end.openMs, workMs: end.allMs - end.openMs };
}

function wrong(problem: string): Error {
  return new Error(`A run that nobody interrupted went wrong: ${problem}`);
}
