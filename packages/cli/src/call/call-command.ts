import { Command, Option } from "commander";
import { envelopeText } from "../error-envelope.js";
import { EXIT } from "../exit-code.js";
import { dataDirOption, libraryOption } from "../host/host-options.js";
import { readJsonArgument } from "../json-argument.js";
import { repeatable } from "../repeatable-option.js";
import type { Terminal } from "../terminal/terminal.js";
import type { CallOptions } from "./call-operation.js";

export function callCommand(terminal: Terminal, setExitCode: (code: number) => void): Command {
  return new Command("call")
    .argument("<method>", "query:<name>.v<N> or action:<name>.input.v<N>; without a version the newest")
    .argument("[json]", "the input: JSON, @file, or - for standard input", "{}")
    .description("call an operation, and print its output as JSON")
    .addOption(dataDirOption())
    .addOption(libraryOption())
    .addOption(new Option("--extension <dir...>", "load the extension in this folder first").argParser(repeatable))
    .addOption(new Option("--grant <pattern...>", "grant the extensions only this").argParser(repeatable))
    .option("-y, --yes", "grant what the manifests ask, without a question")
    .option("--json", "print the output on one line, also on a terminal")
    .addHelpText(
      "after",
      `
An operation of an extension that was run from this data directory before needs no --extension. Where another process has
the directory open, the call reaches that one, with the extensions that are loaded there; --extension is then refused.
An error is printed as its envelope on stderr, with exit code 1.

Examples:
  sdx call query:test.ping.v1 '{"message": "hi"}'
  sdx call query:hello:greet.v1 '{"name": "Ada"}' --extension .
  echo '{"path": "/home/ada/notes"}' | sdx call action:vdfs.add_location.input.v1 -`,
    )
    .action(async (method: string, json: string, options: CallOptions) => {
      const input = readJsonArgument(json, "the input", { stdin: true });
      const { callOperation } = await import("./call-operation.js");
      const { checkGrantPatterns } = await import("../host/grant-patterns.js");
      checkGrantPatterns(options.grant);
      try {
        const output = await callOperation(method, input, options, terminal);
        const indent = terminal.outIsTerminal && options.json !== true ? 2 : undefined;
        terminal.print(JSON.stringify(output, null, indent));
      } catch (error) {
        terminal.note(envelopeText(error));
        setExitCode(EXIT.failed);
      }
    });
}
