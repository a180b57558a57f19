/** What a contender is told of the run that it takes part in. */
export interface Run {
  /** True in the smoke test and with `--quick`: show that it works, and take no time. */
  readonly quick: boolean;
  /** How often to do something that a full run does `count` times. */
  scaled(count: number): number;
}

/** A contender, ready to be measured again and again. */
export interface OpenContender extends AsyncDisposable {
  /** One round: samples in the figure's unit. */
  round(): Promise<readonly number[]>;
}

/** One way to do what a figure is about: ours, the bare floor under it, or the peer's. */
export interface Contender {
  readonly name: string;
  /** `kept` (default): one process for all its rounds. `fresh`: a process for each, so that each round starts cold. */
  readonly process?: "kept" | "fresh";
  open(run: Run): Promise<OpenContender>;
}

/** What a figure has to reach. Ratios are of medians. */
export type Target =
  /** The median, in the figure's unit. */
  | { readonly kind: "at-most" | "at-least"; readonly value: number }
  /** The worst but one of a hundred samples, in the figure's unit. */
  | { readonly kind: "p99-at-most"; readonly value: number }
  /** How many floors it may be, or has to be: a time is one of the first kind, a rate of the second. */
  | { readonly kind: "floors-at-most" | "floors-at-least"; readonly ratio: number }
  /** How many of the floor's own p99 its p99 may be: what it may lose to what goes on beside it. */
  | { readonly kind: "p99-floors-at-most"; readonly ratio: number }
  /** How many times better than the peer it is. */
  | { readonly kind: "peers-at-least"; readonly ratio: number };

export type Unit = "µs" | "ms" | "s" | "KB" | "MB" | "M/s" | "/s";

/** What every line of a table has. */
export interface Measurable {
  /** For `--only`; kebab-case. */
  readonly name: string;
  /** What is measured, for people. */
  readonly title: string;
  readonly unit: Unit;
  readonly better: "lower" | "higher";
  /** Rounds that are counted; one more is run first and thrown away, unless `warmUp` is false. */
  readonly rounds: number;
  readonly warmUp?: false;
  /** Why it is measured only where `--only` asks for it, for people. */
  readonly onRequest?: string;
}

/** One line of the table. To add one, add a file to `figures/` that exports `figures: readonly Figure[]`. */
export interface Figure extends Measurable {
  readonly targets: readonly Target[];
  readonly subject: Contender;
  /** The least that the machine lets it cost, measured in the same rounds. */
  readonly floor?: Contender;
  /** What others offer for it, measured in the same rounds. */
  readonly peer?: Contender;
}

export const ROLES = ["floor", "subject", "peer"] as const;

/** The part that a contender plays in its figure. */
export type Role = (typeof ROLES)[number];
