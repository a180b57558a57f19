import type { EngineName } from "./engines/engine.ts";
import type { Contender, Measurable } from "./figure.ts";

/** Why an engine has no such figure, for people. */
export interface NotMeasured {
  readonly because: string;
}

/** One line of the table of engines: the same, done by each. To add one, export it in `comparisons` of a file in `figures/`. */
export interface Comparison extends Measurable {
  readonly engines: Readonly<Record<EngineName, Contender | NotMeasured>>;
}
