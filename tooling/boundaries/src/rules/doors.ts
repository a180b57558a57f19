import type { Rule } from "../rule.ts";

/** A package is entered only through its `exports`, never by a path into its folder. */
export const doors: Rule = function* ({ workspace, resolve }) {
  for (const pkg of workspace.packages) {
    for (const file of pkg.files) {
      for (const imported of file.imports) {
        const target = resolve(file, imported);
        if (target.kind === "package" && target.pkg !== null && !target.pkg.doors.includes(target.door)) {
          const known = target.pkg.doors.join(", ");
          const message = `${target.name} has no door "${target.door}". Its exports are ${known}.`;
          yield { file: file.path, line: imported.line, rule: "doors", message };
        }
        if (target.kind === "file" && !target.path.startsWith(`${pkg.folder}/`)) {
          const message = `"${imported.specifier}" leaves ${pkg.folder}. Import the other package by its name.`;
          yield { file: file.path, line: imported.line, rule: "doors", message };
        }
      }
    }
  }
};
