import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  createWire,
  defineQuery,
  grantWhatManifestAsks,
  JobManager,
  localUser,
  MemoryJobStore,
  parseLibraryId,
  PluginManager,
} from "@spacedrive/runtime";
import { parseJson } from "@spacedrive/wire";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { createWasiEngine, type WasiTransport } from "../src/index.js";
import { wasiGuest } from "./wasi-guest.js";

const LIBRARY = parseLibraryId("7a0f5f2e-6c56-4c0e-9a43-0d6f0c6a1b11");
const PROGRAM = fileURLToPath(new URL("programs/counter-host.mjs", import.meta.url));
const UNCLOSED = fileURLToPath(new URL("programs/unclosed-engine.mjs", import.meta.url));
const MANIFEST = {
  id: "counter",
  name: "Counter",
  version: "1.0.0",
  wasm_file: "counter.wasm",
  engine: "wasi",
  permissions: { methods: ["test."], rate_limits: { requests_per_minute: 1_000_000 } },
  jobs: [{ name: "counter", export: "execute_counter" }],
  operations: [
    { kind: "query", name: "greeting", version: 1, scope: "library", export: "greeting", input: {}, output: {} },
  ],
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder of extensions with the counter in it. */
async function extensions(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "sd-wasi-"));
  folders.push(root);
  await mkdir(path.join(root, "counter"));
  await writeFile(path.join(root, "counter", "manifest.json"), JSON.stringify(MANIFEST));
  await writeFile(path.join(root, "counter", "counter.wasm"), await wasiGuest("counter"));
  return root;
}

const ping = defineQuery({
  name: "test.ping",
  scope: "library",
  input: z.object({ message: z.string() }),
  output: z.object({ echo: z.string() }),
  run: (_ctx, { message }) => ({ echo: `Pong: ${message}` }),
});

test("a manifest with the engine wasi is loaded, registers, and serves its operation", async () => {
  const wire = createWire([ping], { libraries: { has: (id) => id === LIBRARY } });
  await using jobs = new JobManager({ wire });
  await jobs.attach(LIBRARY, new MemoryJobStore());
  await using engine = createWasiEngine({ transport: "shim" });
  const grants = grantWhatManifestAsks();
  await using plugins = new PluginManager({ dir: await extensions(), wire, jobs, grants, engines: { wasi: engine } });
  const plugin = await plugins.load("counter");
  expect(plugin.jobs).toEqual(["counter:counter"]);
  const call = (message: unknown): Promise<unknown> =>
    wire.call("query:counter:greeting.v1", { message }, { caller: localUser, library: LIBRARY });
  expect(await call('he said: "hello" \\ € \n')).toEqual({ echo: 'Pong: he said: "hello" \\ € \n' });
  await expect(call(7)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await plugins.reload("counter");
  expect(await call("again")).toEqual({ echo: "Pong: again" });
});

test("the host's log says which transport runs an extension", async () => {
  const lines: unknown[] = [];
  const nothing = (): void => {};
  const logger = { debug: nothing, info: (fields: unknown) => void lines.push(fields), warn: nothing, error: nothing };
  await using engine = createWasiEngine({ transport: "shim" });
  await using jobs = new JobManager({ wire: createWire([]) });
  const options = { dir: await extensions(), wire: createWire([ping]), jobs, grants: grantWhatManifestAsks(), logger };
  await using plugins = new PluginManager({ ...options, engines: { wasi: engine } });
  await plugins.load("counter");
  expect(lines).toContainEqual({ extension: "counter", version: "1.0.0", engine: "wasi (shim)" });
});

test.each(["shim", "wasmer"] satisfies WasiTransport[])(
  "an engine that nobody closes keeps no process alive, on the transport %s",
  async (transport) => {
    const child = spawn(process.execPath, [UNCLOSED, await extensions(), transport]);
    child.stderr.pipe(process.stderr);
    const said: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => said.push(part));
    const [code] = await once(child, "exit");
    expect({ code, said: Buffer.concat(said).toString() }).toEqual({ code: 0, said: '{"echo":"Pong: hi"}\n' });
  },
  30_000,
);

test("a host without the engine says how to get it", async () => {
  const wire = createWire([ping]);
  await using plugins = new PluginManager({ dir: await extensions(), wire, grants: grantWhatManifestAsks() });
  await expect(plugins.load("counter")).rejects.toMatchObject({
    code: "MODULE_INVALID",
    message: expect.stringContaining("engines: { wasi: createWasiEngine() }"),
  });
});

/** The host program, and the objects that it says. */
class CounterHost {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(root: string, target: number, transport: WasiTransport) {
    this.#child = spawn(process.execPath, [PROGRAM, root, String(target), transport]);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async until(
    matches: (said: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done === true) throw new Error("the host ended before it said what was waited for");
      // Proof: the program writes objects only.
      const said = parseJson(value, "the host's line") as Readonly<Record<string, unknown>>;
      if (matches(said)) return said;
    }
  }

  order(order: "pause" | "resume"): void {
    this.#child.stdin.write(`${order}\n`);
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

const counted =
  (least: number) =>
  ({ message }: Readonly<Record<string, unknown>>): boolean =>
    Number(/^Counted (\d+)/.exec(String(message))?.[1] ?? 0) >= least;

test.each([
  ["shim", 2_000],
  ["wasmer", 600],
] satisfies [WasiTransport, number][])(
  "on the transport %s a job of %i actions is paused, resumed, and survives two kills of its host, with each effect once",
  async (transport, target) => {
    const root = await extensions();
    const first = new CounterHost(root, target, transport);
    await first.until(counted(20));
    first.order("pause");
    expect(await first.until((said) => said["order"] === "pause")).toMatchObject({ status: "paused" });
    first.order("resume");
    await first.until(({ attempt }) => attempt === 2);
    await first.until(counted(60));
    await first.kill();

    const second = new CounterHost(root, target, transport);
    await second.until(counted(100));
    await second.kill();

    const third = new CounterHost(root, target, transport);
    const end = await third.until((said) => "lines" in said);
    expect(end).toMatchObject({ status: "completed", result: `{"counted":${target}}`, warnings: [], error: null });
    expect(end["lines"]).toEqual(Array.from({ length: target }, (_, i) => `line ${i + 1}`));
  },
  60_000,
);
