/** A run that did not end as the one that nobody interrupted, or lost something on the way. */
export interface Failure {
  /** The options that repeat it. */
  readonly repeat: string;
  readonly problems: readonly string[];
  /** Where what it left is kept; null: it is not. */
  readonly kept: string | null;
}

export interface MatrixReport {
  /** Operations of the stores of a run that nobody interrupted, by their place; empty where this part was not run. */
  readonly operations: ReadonlyMap<string, number>;
  /** Runs that were cut before or after one of them. */
  readonly cuts: number;
  /** Runs that came to their end before they came to their cut: they made fewer operations of that kind. */
  readonly missed: number;
  /** Rounds of kills at random moments, and how many kills there were, of which how many before the host was open. */
  readonly rounds: number;
  readonly kills: number;
  readonly killsAtStart: number;
  readonly failures: readonly Failure[];
}

/** Told after each run. */
export interface MatrixProgress {
  readonly part: string;
  readonly done: number;
  readonly of: number;
  readonly failures: number;
}
