import { SCOPE } from "@spacedrive/rename-scope";
import type { Rule } from "../rule.ts";

/**
 * Our packages are named `<scope>/<name>`, with the one scope that tooling/rename-scope knows how to change. Extensions
 * and examples are named as their authors like.
 */
export const scope: Rule = function* ({ workspace }) {
  for (const pkg of workspace.packages) {
    if (!/^(packages|tooling)\//.test(pkg.folder) || pkg.name.startsWith(`${SCOPE}/`)) continue;
    const message = `"${pkg.name}" is outside the scope. Name it ${SCOPE}/<name>.`;
    yield { file: `${pkg.folder}/package.json`, line: 1, rule: "scope", message };
  }
};
