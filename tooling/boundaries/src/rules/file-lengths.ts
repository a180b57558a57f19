import type { Rule } from "../rule.ts";
import { isForDevelopment } from "../workspace.ts";

const MAX_LINES = 400;

/** A file tells one thing. Tests may be longer. */
export const fileLengths: Rule = function* ({ workspace }) {
  for (const pkg of workspace.packages) {
    for (const { path, lines } of pkg.files) {
      if (lines <= MAX_LINES || isForDevelopment(pkg, path)) continue;
      const message = `${lines} lines are more than ${MAX_LINES}. Split the file where two readers would open it for two reasons.`;
      yield { file: path, line: MAX_LINES + 1, rule: "file-lengths", message };
    }
  }
};
