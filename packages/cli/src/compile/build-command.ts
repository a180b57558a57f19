import { Command } from "commander";
import { formatBytes, formatDuration } from "../terminal/quantity.js";
import type { Terminal } from "../terminal/terminal.js";
import { buildExtension } from "./build-extension.js";

export function buildCommand(terminal: Terminal): Command {
  return new Command("build")
    .argument("[dir]", "the extension's folder", ".")
    .description("compile an AssemblyScript extension to its manifest.json and wasm")
    .option("--target <name>", "target of asconfig.json", "release")
    .addHelpText("after", "\nExamples:\n  sdx build\n  sdx build extensions/word-count --target debug")
    .action(async (dir: string, options: { target: string }) => {
      const built = await buildExtension(dir, {
        target: options.target,
        colors: terminal.errColors.isColorSupported,
        onOutput: (output) => terminal.note(output),
      });
      const size = formatBytes(built.bytes);
      terminal.print(`Built ${built.moduleName}, ${size}, in ${formatDuration(built.durationMs)}.`);
    });
}

/** Builds a folder that has to be built before it can be loaded, and says so. */
export async function buildForUse(dir: string, reason: string, terminal: Terminal): Promise<void> {
  terminal.note(terminal.errColors.dim(`Building ${dir}: ${reason}.`));
  await buildExtension(dir, {
    colors: terminal.errColors.isColorSupported,
    onOutput: (output) => terminal.note(output),
  });
}
