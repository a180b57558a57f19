import { basename, resolve } from "node:path";
import { isCancel, text } from "@clack/prompts";
import { Command } from "commander";
import { readOwnPackage } from "../own-package.js";
import type { Terminal } from "../terminal/terminal.js";
import { usageError } from "../usage-error.js";
import { createProject } from "./create-project.js";
import { refuseName } from "./project-name.js";
import { tooOldSystemNode } from "./system-node.js";

export function createCommand(terminal: Terminal): Command {
  return new Command("create")
    .argument("[name]", "id of the extension and name of its new folder")
    .description("make the folder of a new extension: a query, a job, and their tests")
    .option("--packages <dir>", "take the platform's packages from the tarballs in this folder")
    .addHelpText("after", "\nExamples:\n  sdx create hello\n  sdx create my-tool --packages ../tarballs")
    .action(async (name: string | undefined, options: { packages?: string }) => {
      const folder = name ?? (await askName(terminal));
      // An empty text would else be the current folder.
      const refusal = refuseName(folder === "" ? "" : basename(resolve(folder)));
      if (refusal !== null) {
        throw usageError(`"${folder}" cannot be the name of an extension: ${refusal}. Take one such as my-tool.`);
      }
      const systemNode = tooOldSystemNode();
      const created = createProject({
        folder,
        ...(options.packages === undefined ? {} : { packages: options.packages }),
        node: systemNode === null ? null : process.versions.node,
        own: readOwnPackage(),
        note: (line) => terminal.note(line),
      });
      if (systemNode !== null) {
        terminal.note(
          `The system's Node is ${systemNode}, older than 24, so the project brings its own (devDependencies.node). npm's EBADENGINE warnings mean the system's, and do no harm.`,
        );
      }
      const { outColors } = terminal;
      terminal.print(
        `Created ${outColors.bold(created.name)}: ${created.files.length} files, with a query, a job and their tests.`,
      );
      terminal.print(`\n  cd ${folder}\n  npm install\n  npm test\n`);
    });
}

async function askName(terminal: Terminal): Promise<string> {
  if (!terminal.canAsk) throw usageError("missing required argument 'name'");
  const answer = await text({
    message: "What is the extension called?",
    placeholder: "my-tool",
    validate: (value) => {
      const refusal = refuseName(value ?? "");
      return refusal === null ? undefined : `${refusal}: take one such as my-tool`;
    },
    output: process.stderr,
  });
  if (isCancel(answer)) throw usageError("no name was given");
  return answer;
}
