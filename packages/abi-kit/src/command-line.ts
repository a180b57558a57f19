import { parseArgs } from "node:util";
import { runGuestCommand } from "./guest-command.js";
import { runHostCommand, vectorsOf } from "./host-command.js";

/** Exit codes: all passed, something failed, wrong usage or a kit that cannot run. */
export const EXIT = { passed: 0, failed: 1, usage: 2 } as const;

const HELP = `abi-kit: proves a host, or a guest SDK, against docs/abi.md or docs/wasi-protocol.md

  abi-kit host --adapter ./adapter.js     run every vector on a host: a module that exports createHost()
  abi-kit host --command "./my-adapter"   the same for a host in any language: JSON lines on stdin and stdout
  abi-kit host --runtime                  the same for @spacedrive/runtime
  abi-kit guest build/kit-guest.wasm      play a strict host to the test extension that an SDK has built
  abi-kit list                            the vectors, with what each promises

  --protocol NAME  abi (docs/abi.md), or wasi: commands that speak docs/wasi-protocol.md; abi if left out
  --transport NAME shim or wasmer: on which --runtime --protocol wasi runs @spacedrive/engine-wasmer
  --only TEXT      only what has TEXT in its id; may be repeated
  --json           one JSON object on stdout: { "results": [...], "passed", "failed", "skipped" }
  --timeout MS     milliseconds that one vector may take, 60000 if left out
  --help           this page

Exit code 0: all passed. 1: something failed. 2: wrong usage, or nothing could be run.
`;

/** Runs the command and answers its exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        adapter: { type: "string" },
        command: { type: "string" },
        runtime: { type: "boolean", default: false },
        protocol: { type: "string", default: "abi" },
        transport: { type: "string" },
        only: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        timeout: { type: "string", default: "60000" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const [command, ...rest] = positionals;
    if (values.help || command === undefined) {
      (values.help ? process.stdout : process.stderr).write(HELP);
      return values.help ? EXIT.passed : EXIT.usage;
    }
    const timeoutMs = Number(values.timeout);
    if (!(timeoutMs > 0))
      return wrongUsage(`--timeout needs a number of milliseconds, and was given "${values.timeout}".`);
    const { only, json, protocol, transport } = values;
    if (protocol !== "abi" && protocol !== "wasi")
      return wrongUsage(`--protocol is abi or wasi, and not "${protocol}".`);
    if (transport !== undefined && transport !== "shim" && transport !== "wasmer") {
      return wrongUsage(`--transport is shim or wasmer, and not "${transport}".`);
    }
    switch (command) {
      case "host":
        return await runHostCommand({ ...values, protocol, transport, only, json, timeoutMs });
      case "guest": {
        const [file] = rest;
        if (file === undefined) return wrongUsage("abi-kit guest needs the path of a wasm file.");
        return await runGuestCommand({ protocol, file, only, json, timeoutMs });
      }
      case "list":
        for (const { id, promise, cites } of vectorsOf(protocol)) {
          process.stdout.write(`${id}  §${cites.map(({ section }) => section).join(", §")}  ${promise}\n`);
        }
        return EXIT.passed;
      default:
        return wrongUsage(`There is no command "${command}".`);
    }
  } catch (thrown) {
    return wrongUsage(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function wrongUsage(problem: string): number {
  process.stderr.write(`abi-kit: ${problem}\nTry: abi-kit --help\n`);
  return EXIT.usage;
}
