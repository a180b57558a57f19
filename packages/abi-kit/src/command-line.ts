import { parseArgs } from "node:util";
import { runGuestCommand } from "./guest-command.js";
import { runHostCommand, vectorsMeant } from "./host-command.js";

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
  --json           one JSON object on stdout: { "subject", "results": [...], "passed", "failed", "skipped" }
  --timeout MS     milliseconds that one vector or check may take, 60000 if left out
  --help           this page

Exit code 0: all passed, or was skipped by the host with a reason. 1: something failed. 2: wrong usage, or nothing could be run.
`;

const COMMANDS = ["host", "guest", "list"] as const;
type Command = (typeof COMMANDS)[number];

/** What can be said of which command. */
const OPTIONS_OF: Readonly<Record<Command, readonly string[]>> = {
  host: ["adapter", "command", "runtime", "protocol", "transport", "only", "json", "timeout"],
  guest: ["protocol", "only", "json", "timeout"],
  list: ["protocol", "only"],
};
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Runs the command and answers its exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      tokens: true,
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
    const [name, ...rest] = positionals;
    if (values.help || name === undefined) {
      (values.help ? process.stdout : process.stderr).write(HELP);
      return values.help ? EXIT.passed : EXIT.usage;
    }
    const command = COMMANDS.find((known) => known === name);
    if (command === undefined) return wrongUsage(`There is no command "${name}".`);
    const given = tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
    const foreign = given.find((option) => !OPTIONS_OF[command].includes(option));
    if (foreign !== undefined) return wrongUsage(`abi-kit ${command} takes no --${foreign}.`);
    const twice = given.find((option, index) => option !== "only" && given.indexOf(option) !== index);
    if (twice !== undefined) return wrongUsage(`--${twice} was given twice.`);
    if (rest.length !== (command === "guest" ? 1 : 0)) {
      const takes = command === "guest" ? "needs the path of one wasm file" : "takes nothing but options";
      return wrongUsage(`abi-kit ${command} ${takes}, and was given ${quoted(rest)}.`);
    }
    const timeoutMs = Number(values.timeout);
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
      return wrongUsage(
        `--timeout needs a whole number of milliseconds up to ${MAX_TIMEOUT_MS}, and was given "${values.timeout}".`,
      );
    }
    const { only, json, protocol, transport } = values;
    if (only.includes("")) return wrongUsage("--only needs a part of an id, and was given an empty text.");
    if (protocol !== "abi" && protocol !== "wasi")
      return wrongUsage(`--protocol is abi or wasi, and not "${protocol}".`);
    if (transport !== undefined && transport !== "shim" && transport !== "wasmer") {
      return wrongUsage(`--transport is shim or wasmer, and not "${transport}".`);
    }
    switch (command) {
      case "host":
        return await runHostCommand({ ...values, protocol, transport, only, json, timeoutMs });
      case "guest":
        return await runGuestCommand({ protocol, file: rest[0] ?? "", only, json, timeoutMs });
      case "list":
        for (const { id, promise, cites } of vectorsMeant(protocol, only)) {
          process.stdout.write(`${id}  §${cites.map(({ section }) => section).join(", §")}  ${promise}\n`);
        }
        return EXIT.passed;
      default:
        return command satisfies never;
    }
  } catch (thrown) {
    return wrongUsage(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function quoted(texts: readonly string[]): string {
  return texts.length === 0 ? "none" : texts.map((text) => `"${text}"`).join(" and ");
}

function wrongUsage(problem: string): number {
  process.stderr.write(`abi-kit: ${problem}\nTry: abi-kit --help\n`);
  return EXIT.usage;
}
