import type { Figure, Role, Target } from "./figure.ts";
import { type Summary, summarize } from "./statistics.ts";

/** A target and whether it was met; null where what it compares with was not measured. */
export interface Verdict {
  readonly target: Target;
  readonly text: string;
  readonly met: boolean | null;
}

/** What was measured of one figure. */
export interface Result {
  readonly figure: Figure;
  readonly subject: Summary;
  readonly floor: Summary | null;
  readonly peer: Summary | null;
  /** The subject in floors. Of a time, 2 is twice as long; of a rate, 0.5 is half as many. */
  readonly floors: number | null;
  /** How many times better than the peer the subject is: above 1 is better. */
  readonly peers: number | null;
  readonly verdicts: readonly Verdict[];
}

/** Sums up the samples of a figure's contenders. */
export function resultOf(figure: Figure, samples: ReadonlyMap<string, readonly number[]>): Result {
  const summaryOf = (role: Role): Summary | null => {
    const own = samples.get(role);
    return own === undefined ? null : summarize(own, figure.better);
  };
  const subject = summaryOf("subject");
  if (subject === null) throw new Error(`figure "${figure.name}" has no samples`);
  const floor = summaryOf("floor");
  const peer = summaryOf("peer");

  const cost = (summary: Summary): number => (figure.better === "lower" ? summary.p50 : 1 / summary.p50);
  const floors = floor === null ? null : subject.p50 / floor.p50;
  const peers = peer === null ? null : cost(peer) / cost(subject);
  const verdicts = figure.targets.map((target) => judge(figure, target, { subject, floor, floors, peers }));
  return { figure, subject, floor, peer, floors, peers, verdicts };
}

function judge(
  { unit }: Figure,
  target: Target,
  { subject, floor, floors, peers }: Pick<Result, "subject" | "floor" | "floors" | "peers">,
): Verdict {
  switch (target.kind) {
    case "at-most":
      return { target, text: `≤ ${target.value} ${unit}`, met: subject.p50 <= target.value };
    case "at-least":
      return { target, text: `≥ ${target.value} ${unit}`, met: subject.p50 >= target.value };
    case "p99-at-most":
      return { target, text: `p99 ≤ ${target.value} ${unit}`, met: subject.p99 <= target.value };
    case "floors-at-most":
      return { target, text: `≤ ${target.ratio} × floor`, met: floors === null ? null : floors <= target.ratio };
    case "floors-at-least":
      return { target, text: `≥ ${target.ratio} × floor`, met: floors === null ? null : floors >= target.ratio };
    case "p99-floors-at-most":
      return {
        target,
        text: `p99 ≤ ${target.ratio} × floor's`,
        met: floor === null ? null : subject.p99 <= target.ratio * floor.p99,
      };
    case "peers-at-least":
      return { target, text: `≥ ${target.ratio} × peer`, met: peers === null ? null : peers >= target.ratio };
    default:
      return target satisfies never;
  }
}
