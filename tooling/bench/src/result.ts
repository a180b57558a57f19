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
  /** What the subject costs, in floors: above 1 is dearer. */
  readonly floors: number | null;
  /** How many times better than the peer the subject is: above 1 is better. */
  readonly peers: number | null;
  readonly verdicts: readonly Verdict[];
}

/** Sums up the samples of a figure's contenders. */
export function resultOf(figure: Figure, samples: ReadonlyMap<Role, readonly number[]>): Result {
  const summaryOf = (role: Role): Summary | null => {
    const own = samples.get(role);
    return own === undefined ? null : summarize(own, figure.better);
  };
  const subject = summaryOf("subject");
  if (subject === null) throw new Error(`figure "${figure.name}" has no samples`);
  const floor = summaryOf("floor");
  const peer = summaryOf("peer");

  const cost = (summary: Summary): number => (figure.better === "lower" ? summary.p50 : 1 / summary.p50);
  const floors = floor === null ? null : cost(subject) / cost(floor);
  const peers = peer === null ? null : cost(peer) / cost(subject);
  const verdicts = figure.targets.map((target) => judge(figure, target, subject.p50, floors, peers));
  return { figure, subject, floor, peer, floors, peers, verdicts };
}

function judge(figure: Figure, target: Target, median: number, floors: number | null, peers: number | null): Verdict {
  switch (target.kind) {
    case "at-most":
      return { target, text: `≤ ${target.value} ${figure.unit}`, met: median <= target.value };
    case "at-least":
      return { target, text: `≥ ${target.value} ${figure.unit}`, met: median >= target.value };
    case "floors-at-most":
      return { target, text: `≤ ${target.ratio} × floor`, met: floors === null ? null : floors <= target.ratio };
    case "peers-at-least":
      return { target, text: `≥ ${target.ratio} × peer`, met: peers === null ? null : peers >= target.ratio };
    default:
      return target satisfies never;
  }
}
