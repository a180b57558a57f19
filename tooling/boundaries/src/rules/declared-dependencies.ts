import type { Rule } from "../rule.ts";
import { isForDevelopment } from "../workspace.ts";

/** What is imported is declared: for users in `dependencies` or `peerDependencies`, for tests and settings anywhere. */
export const declaredDependencies: Rule = function* ({ workspace, resolve }) {
  for (const pkg of workspace.packages) {
    for (const file of pkg.files) {
      const development = !pkg.published || isForDevelopment(pkg, file.path);
      for (const imported of file.imports) {
        const target = resolve(file, imported);
        if (target.kind !== "package" || target.name === pkg.name || pkg.dependencies.has(target.name)) continue;
        const inDevelopment = pkg.devDependencies.has(target.name);
        if (development && inDevelopment) continue;
        const message = inDevelopment
          ? `${target.name} is only a devDependency of ${pkg.folder}, and users get this file. Move it to dependencies or peerDependencies.`
          : `${target.name} is not declared. Add it to ${pkg.folder}/package.json.`;
        yield { file: file.path, line: imported.line, rule: "declared-dependencies", message };
      }
    }
  }
};
