/** One broken rule at one place. */
export interface Violation {
  /** Path from the repository's root, with slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  /** What is wrong and what to do. */
  readonly message: string;
}
