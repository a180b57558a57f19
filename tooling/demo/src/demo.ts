import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Logger, silentLogger } from "@spacedrive/runtime";
import pc from "picocolors";
import { progressBar } from "./bar.ts";
import { openDemoHost } from "./host.ts";
import type { ChildMessage } from "./messages.ts";
import { printResults } from "./results.ts";

const out = process.stdout;
// A progress bar may stand in the line: what is said takes its place, and the bar is drawn again below.
const clearLine = out.isTTY ? "\r\u001b[2K" : "";
const say = (line: string): void => void out.write(`${clearLine}${line}\n`);
const heading = (text: string): void => say(`\n${pc.bold(pc.cyan(text))}`);

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const folder = await chosenFolder();
const dataDir = await mkdtemp(join(tmpdir(), "spacedrive-demo-"));
process.once("SIGINT", () => {
  say("\nstopped");
  process.exit(130);
});
process.once("exit", () => rmSync(dataDir, { recursive: true, force: true }));
// Whoever read went away (`npm start | head`): nobody waits for the rest.
out.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  await pingAndCount();
  await countWords();
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function chosenFolder(): Promise<string> {
  const asked = process.argv.slice(2).filter((argument) => argument !== "--");
  const path = resolve(process.env["INIT_CWD"] ?? process.cwd(), asked[0] ?? repository);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true && asked.length <= 1) return path;
  say(asked.length > 1 ? "usage: npm start [-- FOLDER]" : `${path} is not a folder. usage: npm start [-- FOLDER]`);
  process.exit(2);
}

async function pingAndCount(): Promise<void> {
  heading("1. An extension is loaded into its own sandbox");
  const logger: Logger = {
    ...silentLogger,
    info: (fields, message) => say(`  ${pc.dim("log")} ${message}${pc.dim(instanceOf(fields))}`),
  };
  await using host = await openDemoHost(join(dataDir, "first"), logger);
  await host.plugins.load("test-extension");

  heading("2. Its query is called: host → WASM → host → WASM → host");
  const input = { message: "hello from the host", count: 3 };
  const options = { caller: { kind: "user" }, library: host.library.id } as const;
  say(`  query:test-extension:ping.v1 ${JSON.stringify(input)}`);
  say(
    `  ${pc.green("→")} ${JSON.stringify(await host.core.wire.call("query:test-extension:ping.v1", input, options))}`,
  );

  heading("3. Its job counts, and checkpoints every ten");
  const job = await host.core.jobs.dispatch("test-extension:counter", { target: 200 }, { library: host.library.id });
  const bar = progressBar(out);
  for await (const update of job.updates()) bar.draw(update.progress, update.message);
  bar.end();
  const { status, checkpoint, metrics } = await job.done();
  say(`  ${status}: ${metrics.items} items, ${checkpoint} checkpoints`);
}

/** Which instance says so: a library and each attempt of a job have one of their own, and it starts with its own hook. */
function instanceOf(fields: Readonly<Record<string, unknown>>): string {
  if (fields["job"] !== undefined) return " (of its own, for the job)";
  return fields["library"] === undefined ? "" : " (of its own, for the library)";
}

async function countWords(): Promise<void> {
  heading(`4. word-count over ${folder}, in a process of its own`);
  const data = join(dataDir, "second");
  const killed = await runChild(data, "kill part-way");
  if (killed.ended === null) {
    say(`  ${pc.red("SIGKILL")} at ${percent(killed.progress)}, after checkpoint ${killed.checkpoint}`);
    heading("5. Started again: the job goes on from its last checkpoint");
    const resumed = await runChild(data, "to the end");
    if (resumed.ended !== "completed") throw new Error(`the job ended as ${resumed.ended}`);
  } else {
    say(`  It ${killed.ended} before it could be killed: the folder is small.`);
    if (killed.ended !== "completed") throw new Error(`the job ended as ${killed.ended}`);
  }

  heading("6. What stands in the library");
  await using host = await openDemoHost(data, silentLogger);
  await host.plugins.load("word-count");
  await printResults(host, say);
}

interface ChildEnd {
  readonly progress: number;
  readonly checkpoint: number;
  /** The job's status at its end; null: killed before. */
  readonly ended: string | null;
}

/** Runs the child, and kills it with SIGKILL once a good part is done and checkpointed, if that is wanted. */
async function runChild(data: string, until: "kill part-way" | "to the end"): Promise<ChildEnd> {
  const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), [data, folder], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const stop = (): void => void child.kill("SIGKILL");
  process.once("exit", stop);
  const bar = progressBar(out);
  const state = { progress: 0, checkpoint: 0, ended: null as string | null, drawn: false };
  child.on("message", (message: ChildMessage) => follow(message, state, bar, child, until));
  const [code] = (await once(child, "exit")) as [number | null];
  process.off("exit", stop);
  if (state.drawn) bar.end();
  if (code !== 0 && code !== null) throw new Error(`the child process ended with ${code}`);
  return state;
}

function follow(
  message: ChildMessage,
  state: { progress: number; checkpoint: number; ended: string | null; drawn: boolean },
  bar: ReturnType<typeof progressBar>,
  child: ChildProcess,
  until: "kill part-way" | "to the end",
): void {
  switch (message.type) {
    case "indexed":
      say(`  indexed ${message.files} entries`);
      break;
    case "started":
      if (message.attempt > 1) {
        say(
          `  ${pc.green("resumed")}: attempt ${message.attempt}, from checkpoint ${message.checkpoint} at ${percent(message.progress)}`,
        );
      }
      break;
    case "update":
      if (child.killed) break;
      bar.draw(message.progress, message.message);
      Object.assign(state, { progress: message.progress, checkpoint: message.checkpoint, drawn: true });
      if (until === "kill part-way" && message.progress >= 0.4 && message.checkpoint > 0) child.kill("SIGKILL");
      break;
    case "ended":
      state.ended = message.status;
      if (message.error !== null) say(`\n  ${pc.red(message.error)}`);
      break;
    default:
      message satisfies never;
  }
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}
