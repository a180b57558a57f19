import { posix } from "node:path";
import type { Arrows } from "../arrows.ts";
import { findCycle } from "../cycle.ts";
import type { Rule } from "../rule.ts";
import type { Violation } from "../violation.ts";
import type { WorkspacePackage } from "../workspace.ts";

const TABLE = "tooling/boundaries/src/arrows.ts";

/** Between packages only the arrows of the table, in imports and in package.json, and the table has no circle. */
export const packageArrows: Rule = function* ({ workspace, arrows, resolve }) {
  for (const pkg of workspace.packages) {
    if (arrowsOf(arrows, pkg.folder) === null) {
      yield violation(
        `${pkg.folder}/package.json`,
        1,
        `${pkg.folder} is not in the table. Add it to "packages" in ${TABLE}.`,
      );
      continue;
    }
    for (const name of [...pkg.dependencies, ...pkg.devDependencies]) {
      const target = workspace.packages.find((other) => other.name === name);
      if (target !== undefined && !mayUse(arrows, pkg, target)) {
        yield violation(`${pkg.folder}/package.json`, 1, refusal(pkg, target));
      }
    }
    for (const file of pkg.files) {
      for (const imported of file.imports) {
        const target = resolve(file, imported);
        if (target.kind !== "package" || target.pkg === null || mayUse(arrows, pkg, target.pkg)) continue;
        yield violation(file.path, imported.line, refusal(pkg, target.pkg));
      }
    }
  }

  const cycle = findCycle(workspace.packages, (pkg) =>
    workspace.packages.filter((other) => other !== pkg && mayUse(arrows, pkg, other)),
  );
  if (cycle !== null) {
    const circle = [...cycle, ...cycle.slice(0, 1)].map((pkg) => pkg.folder).join(" → ");
    yield violation(TABLE, 1, `The table goes round: ${circle}. Take one arrow out.`);
  }
};

function mayUse(arrows: Arrows, pkg: WorkspacePackage, target: WorkspacePackage): boolean {
  if (pkg === target) return true;
  if (arrows.settings.includes(target.folder) && !arrows.settings.includes(pkg.folder)) return true;
  return (arrowsOf(arrows, pkg.folder) ?? []).some((allowed) => matches(allowed, target.folder));
}

function arrowsOf(arrows: Arrows, folder: string): readonly string[] | null {
  const key = Object.keys(arrows.packages).find((pattern) => matches(pattern, folder));
  return key === undefined ? null : (arrows.packages[key] ?? null);
}

function matches(pattern: string, folder: string): boolean {
  return pattern.endsWith("/*") ? posix.dirname(folder) === posix.dirname(pattern) : folder === pattern;
}

function refusal(from: WorkspacePackage, to: WorkspacePackage): string {
  return `${from.folder} may not use ${to.folder}. Turn the arrow round with a port, or, if the drawing changes, add it to "packages" in ${TABLE} and to the design.`;
}

function violation(file: string, line: number, message: string): Violation {
  return { file, line, rule: "package-arrows", message };
}
