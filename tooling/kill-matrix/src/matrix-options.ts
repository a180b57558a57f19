import type { Cut } from "./host/store-cuts.ts";

export interface MatrixOptions {
  /** Decides on the folders and on the random moments. */
  readonly seed: number;
  /** Kills at random moments, at least. */
  readonly kills: number;
  /** Files of the folder for the kills at random moments. */
  readonly files: number;
  /** Files of the folder whose run is cut at every operation: each adds some twenty runs. */
  readonly cutFiles: number;
  /** Processes at a time. */
  readonly atOnce: number;
  /** Which parts are run. */
  readonly parts: readonly MatrixPart[];
  /** Only this cut. */
  readonly cut: Cut | null;
  /** Only this round of random kills. */
  readonly round: number | null;
  /** Keeps what a failed run has left. */
  readonly keep: boolean;
}

export type MatrixPart = "every" | "random";

/** What `npm test` does. */
export const DEFAULT_OPTIONS: MatrixOptions = {
  seed: 1,
  kills: 200,
  files: 40,
  cutFiles: 10,
  atOnce: 2,
  parts: ["every", "random"],
  cut: null,
  round: null,
  keep: false,
};
