import type { Arrows } from "./arrows.ts";
import { createResolve } from "./resolve-import.ts";
import type { Rule } from "./rule.ts";
import { declaredDependencies } from "./rules/declared-dependencies.ts";
import { defaultExports } from "./rules/default-exports.ts";
import { doors } from "./rules/doors.ts";
import { fileLengths } from "./rules/file-lengths.ts";
import { fileNames } from "./rules/file-names.ts";
import { importLoops } from "./rules/import-loops.ts";
import { jsonParse } from "./rules/json-parse.ts";
import { packageArrows } from "./rules/package-arrows.ts";
import { scope } from "./rules/scope.ts";
import { zoneArrows } from "./rules/zone-arrows.ts";
import type { Violation } from "./violation.ts";
import { readWorkspace } from "./workspace.ts";

const RULES: readonly Rule[] = [
  packageArrows,
  zoneArrows,
  doors,
  declaredDependencies,
  importLoops,
  jsonParse,
  defaultExports,
  fileNames,
  fileLengths,
  scope,
];

/** Every rule over every package below `root`, in the order of files and lines. */
export function findViolations(root: string, arrows: Arrows): Violation[] {
  const workspace = readWorkspace(root);
  const scene = { workspace, arrows, resolve: createResolve(workspace) };
  return RULES.flatMap((rule) => [...rule(scene)]).sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}
