import type { Arrows } from "./arrows.ts";
import type { Resolve } from "./resolve-import.ts";
import type { Violation } from "./violation.ts";
import type { Workspace } from "./workspace.ts";

/** What a rule looks at. */
export interface Scene {
  readonly workspace: Workspace;
  readonly arrows: Arrows;
  readonly resolve: Resolve;
}

export type Rule = (scene: Scene) => Iterable<Violation>;
