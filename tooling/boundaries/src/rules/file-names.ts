import { posix } from "node:path";
import type { Rule } from "../rule.ts";

const KINDS_OF_CODE = /^(utils?|helpers?|commons?|misc|types|interfaces)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

/** Names are kebab-case and say what is inside. */
export const fileNames: Rule = function* ({ workspace }) {
  for (const pkg of workspace.packages) {
    for (const { path } of pkg.files) {
      const parts = path.slice(pkg.folder.length + 1).split("/");
      const vague = parts.find((part) => KINDS_OF_CODE.test(part.split(".")[0] ?? ""));
      if (vague !== undefined) {
        const message = `"${vague}" names a kind of code. Name what is inside, and split it where that is more than one thing.`;
        yield { file: path, line: 1, rule: "file-names", message };
      }
      if (!KEBAB_CASE.test(posix.basename(path))) {
        const message = `"${posix.basename(path)}" is not kebab-case. Rename it after its main export.`;
        yield { file: path, line: 1, rule: "file-names", message };
      }
    }
  }
};
