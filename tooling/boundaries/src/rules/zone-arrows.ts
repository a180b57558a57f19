import { findCycle } from "../cycle.ts";
import type { Rule } from "../rule.ts";
import type { SourceFile } from "../source-file.ts";
import type { Violation } from "../violation.ts";
import { isForDevelopment, type WorkspacePackage } from "../workspace.ts";

const TABLE = "tooling/boundaries/src/arrows.ts";
type Zones = Readonly<Record<string, readonly string[]>>;

/** Inside a published package only the arrows of its zones, and the table of zones has no circle. */
export const zoneArrows: Rule = function* ({ workspace, arrows, resolve }) {
  for (const pkg of workspace.packages) {
    if (!pkg.published || !pkg.folder.startsWith("packages/")) continue;
    const zones = arrows.zones[pkg.folder] ?? { ".": [] };

    const cycle = findCycle(Object.keys(zones), (zone) => (zones[zone] ?? []).filter((target) => target !== zone));
    if (cycle !== null) {
      const circle = [...cycle, ...cycle.slice(0, 1)].join(" → ");
      yield violation(TABLE, 1, `The zones of ${pkg.folder} go round: ${circle}. Take one arrow out.`);
    }

    const unknown = new Set<string>();
    for (const file of pkg.files) {
      if (isForDevelopment(pkg, file.path) || isDoor(pkg, file.path)) continue;
      const zone = zoneOf(zones, pkg, file);
      if (zone === null) {
        const where = insideOf(pkg, file.path);
        const folder = where.slice(0, where.indexOf("/"));
        if (unknown.has(folder)) continue;
        unknown.add(folder);
        yield violation(
          file.path,
          1,
          `"${folder}" is not in the table. Add it under "${pkg.folder}" in ${TABLE}, with the zones that it may import.`,
        );
        continue;
      }
      for (const imported of file.imports) {
        const target = resolve(file, imported);
        if (target.kind !== "file" || target.file === null || !target.path.startsWith(`${pkg.folder}/`)) continue;
        if (isDoor(pkg, target.path)) {
          yield violation(
            file.path,
            imported.line,
            "A file does not import its package's door. Import the file that the name comes from.",
          );
          continue;
        }
        const other = zoneOf(zones, pkg, target.file);
        if (other === null || other === zone || zones[zone]?.includes(other)) continue;
        yield violation(
          file.path,
          imported.line,
          `In ${pkg.folder}, "${zone}" may not import "${other}". Move the code, turn the arrow round with a port, or, if the drawing changes, add it in ${TABLE}.`,
        );
      }
    }
  }
};

/** The path as the table names it: without the package's folder and `src/`. */
function insideOf(pkg: WorkspacePackage, path: string): string {
  return path.slice(pkg.folder.length + 1).replace(/^src\//, "");
}

function isDoor(pkg: WorkspacePackage, path: string): boolean {
  return insideOf(pkg, path) === "index.ts";
}

function zoneOf(zones: Zones, pkg: WorkspacePackage, file: SourceFile): string | null {
  const inside = insideOf(pkg, file.path);
  const fits = Object.keys(zones).filter((zone) => inside === zone || inside.startsWith(`${zone}/`));
  const longest = fits.sort((a, b) => b.length - a.length)[0];
  if (longest !== undefined) return longest;
  return inside.includes("/") ? null : ".";
}

function violation(file: string, line: number, message: string): Violation {
  return { file, line, rule: "zone-arrows", message };
}
