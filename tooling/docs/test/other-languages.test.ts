import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { codeBlocks, pagePath } from "../src/code-blocks.ts";

const bin = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));
const blocks = codeBlocks("docs/other-languages.md");

const whole = blocks.filter(({ note }) => note?.startsWith("file: "));
const parts = blocks.filter(({ note }) => note?.startsWith("part of: "));

/** `file: src/lib.rs of examples/rust-extension`: where it is written to, and the file that it is. */
function fileOf(note: string | null): { readonly target: string; readonly source: string } {
  const [target = "", folder = ""] = (note ?? "").replace("file: ", "").split(" of ");
  return { target, source: pagePath(join(folder, target)) };
}

describe("the code of docs/other-languages.md", () => {
  it.each(whole)("$note: is the example's own", ({ note, code }) => {
    expect(code).toBe(readFileSync(fileOf(note).source, "utf8"));
  });

  it.each(parts)("$note: stands there", ({ note, code }) => {
    expect(readFileSync(pagePath((note ?? "").replace("part of: ", "")), "utf8")).toContain(code);
  });

  it("is there", () => {
    expect(whole.length).toBeGreaterThan(2);
    expect(parts.length).toBeGreaterThan(2);
  });
});

const notBuilt = ["rust-extension", "c-extension"].filter(
  (name) => !existsSync(pagePath(`examples/${name}/build/${name}.wasm`)),
);
const skipped = notBuilt.length > 0 && (process.env["SPACEDRIVE_REQUIRE_TOOLCHAINS"] ?? "") === "";
if (skipped) {
  console.warn(`SKIPPED: the commands of docs/other-languages.md, since there is no ${notBuilt.join(", no ")}. On Debian:
  apt-get install rustc libstd-rust-dev-wasm32 clang lld wasi-libc libclang-rt-dev-wasm32, and build again.`);
}

it.skipIf(skipped)(
  "docs/other-languages.md leads from nothing to a job that was paused and resumed",
  {
    timeout: 600_000,
  },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "other-languages-"));
    const cwdFile = join(folder, ".cwd");
    const env = {
      ...process.env,
      // As in the root of a clone that is built.
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      SPACEDRIVE: pagePath("").replace(/\/$/, ""),
      SPACEDRIVE_DATA_DIR: join(folder, ".data"),
      NO_COLOR: "1",
      CWD_FILE: cwdFile,
    };
    const shell = (code: string): string[] => ["-euo", "pipefail", "-c", `${code}\npwd > "$CWD_FILE"\n`];
    const ran: string[] = [];
    let cwd = folder;
    let job = "";
    try {
      for (const { note, code } of blocks) {
        if (note?.startsWith("file: ")) {
          const path = join(cwd, fileOf(note).target);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, code);
        } else if (note === "run, and press Ctrl-C") {
          // In place of the shell: the signal is for the command alone.
          job = await interrupted(spawn("bash", ["-c", `exec ${code}`], { cwd, env }));
        } else if (note?.startsWith("run")) {
          const command = note === "run, with the job's id" ? code.replace(/(?<=resume )\w+/, job) : code;
          const { stdout } = await promisify(execFile)("bash", shell(command), { cwd, env });
          ran.push(stdout);
          cwd = (await readFile(cwdFile, "utf8")).trim();
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const said = ran.join("\n");
    expect(said.match(/"greeting":"Pong: Hello, Ada!"/g)).toHaveLength(2);
  },
);

/** Presses Ctrl-C once the job is at work; answers its id, as the command names it when it has paused. */
async function interrupted(command: ChildProcess): Promise<string> {
  let said = "";
  for (const stream of [command.stdout, command.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const before = said.includes("Counting to");
      said += text;
      if (!before && said.includes("Counting to")) command.kill("SIGINT");
    });
  }
  const [exitCode] = await once(command, "close");
  expect(exitCode, said).toBe(4);
  return /jobs resume ([0-9a-f-]{36})/.exec(said)?.[1] ?? "";
}
