import { posix } from "node:path";
import type { Rule } from "../rule.ts";

/** Named exports only, except where a tool asks for a default. */
export const defaultExports: Rule = function* ({ workspace, arrows }) {
  for (const pkg of workspace.packages) {
    for (const file of pkg.files) {
      if (arrows.defaultExports.some((pattern) => matches(pattern, file.path))) continue;
      for (const line of file.defaultExports) {
        const message = `A default export has no name to search for. Export it by name (only ${arrows.defaultExports.join(", ")} may).`;
        yield { file: file.path, line, rule: "default-exports", message };
      }
    }
  }
};

function matches(pattern: string, path: string): boolean {
  const text = pattern.includes("/") ? path : posix.basename(path);
  const expression = pattern.split("*").map((part) => part.replace(/[.+^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${expression.join("[^/]*")}$`).test(text);
}
