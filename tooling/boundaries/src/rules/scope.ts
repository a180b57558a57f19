import { SCOPE } from "@spacedrive/rename-scope";
import type { Rule } from "../rule.ts";

/** Every package is named `<scope>/<name>`, with the one scope that tooling/rename-scope knows how to change. */
export const scope: Rule = function* ({ workspace }) {
  for (const pkg of workspace.packages) {
    if (pkg.name.startsWith(`${SCOPE}/`)) continue;
    const message = `"${pkg.name}" is outside the scope. Name it ${SCOPE}/<name>.`;
    yield { file: `${pkg.folder}/package.json`, line: 1, rule: "scope", message };
  }
};
