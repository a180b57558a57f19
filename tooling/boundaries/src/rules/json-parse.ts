import type { Rule } from "../rule.ts";
import { isForDevelopment } from "../workspace.ts";

/** In published packages JSON text becomes a value in one place, which turns bad text into a coded error. */
export const jsonParse: Rule = function* ({ workspace, arrows }) {
  for (const pkg of workspace.packages) {
    if (!pkg.published || !pkg.folder.startsWith("packages/")) continue;
    for (const file of pkg.files) {
      if (arrows.jsonParse.includes(file.path) || isForDevelopment(pkg, file.path)) continue;
      for (const line of file.jsonParses) {
        const message = `JSON.parse is used only in ${arrows.jsonParse.join(", ")}. Call parseJson of the package wire.`;
        yield { file: file.path, line, rule: "json-parse", message };
      }
    }
  }
};
