import { Command } from "commander";
import type { Terminal } from "../terminal/terminal.js";

export function inspectCommand(terminal: Terminal): Command {
  return new Command("inspect")
    .argument("<target>", "an extension's folder, or a .wasm file")
    .description("show what a module imports and exports, and what its manifest declares and asks")
    .option("--json", "print a JSON object")
    .addHelpText("after", "\nExamples:\n  sdx inspect .\n  sdx inspect build/hello.wasm --json")
    .action(async (target: string, options: { json?: boolean }) => {
      const { inspect, inspectionToJson } = await import("./inspection.js");
      const { inspectionPage } = await import("./inspection-page.js");
      const inspection = await inspect(target);
      if (options.json === true) terminal.print(JSON.stringify(inspectionToJson(inspection)));
      else for (const line of inspectionPage(inspection, terminal)) terminal.print(line);
    });
}
