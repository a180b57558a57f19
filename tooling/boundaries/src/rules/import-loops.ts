import { findCycle } from "../cycle.ts";
import type { Rule } from "../rule.ts";
import { isAssemblyScript, type SourceFile } from "../source-file.ts";

/**
 * Files do not import each other in a circle. Type imports are erased and do not count; AssemblyScript, whose modules have
 * no order of evaluation to break and no type imports to take out, is left to the arrows of its folders.
 */
export const importLoops: Rule = function* ({ workspace, resolve }) {
  for (const pkg of workspace.packages) {
    const next = (file: SourceFile): SourceFile[] =>
      file.imports.flatMap((imported) => {
        const target = imported.typeOnly ? null : resolve(file, imported);
        if (target?.kind !== "file" || target.file === null || isAssemblyScript(target.path)) return [];
        return [target.file];
      });
    const files = pkg.files.filter(({ path }) => !isAssemblyScript(path));
    // One at a time: the arrow that closes a circle is taken out, and the rest is looked at again.
    const cut = new Set<string>();
    const key = (from: SourceFile, to: SourceFile): string => `${from.path} ${to.path}`;
    for (;;) {
      const cycle = findCycle(files, (file) => next(file).filter((target) => !cut.has(key(file, target))));
      const first = cycle?.[0];
      const last = cycle?.at(-1);
      if (cycle === null || first === undefined || last === undefined) break;
      cut.add(key(last, first));
      const line = last.imports.find((imported) => {
        const target = resolve(last, imported);
        return !imported.typeOnly && target.kind === "file" && target.file === first;
      })?.line;
      const circle = [...cycle, first].map((file) => file.path.slice(pkg.folder.length + 1)).join(" → ");
      const message = `Files import each other in a circle: ${circle}. Move what both need into a third file.`;
      yield { file: last.path, line: line ?? 1, rule: "import-loops", message };
    }
  }
};
