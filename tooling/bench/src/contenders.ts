import type { Comparison } from "./comparison.ts";
import { ENGINES } from "./engines/engine.ts";
import { type Contender, type Figure, ROLES } from "./figure.ts";

/** Who takes turns in a line of a table, by role or by engine. */
export function contendersOf(line: Figure | Comparison): ReadonlyMap<string, Contender> {
  const contenders = new Map<string, Contender>();
  const add = (name: string, contender: Contender | object | undefined): void => {
    if (contender !== undefined && "open" in contender) contenders.set(name, contender);
  };
  if ("engines" in line) for (const engine of ENGINES) add(engine, line.engines[engine]);
  else for (const role of ROLES) add(role, line[role]);
  return contenders;
}
