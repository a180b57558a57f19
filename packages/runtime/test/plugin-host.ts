import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { JobManager, jobOperations, SqliteDatabase, SqliteJobStore, type StoreFaults } from "@spacedrive/jobs";
import {
  createLibraryId,
  createWire,
  defineAction,
  defineQuery,
  type LibraryId,
  localUser,
  type Logger,
  type Operation,
  type Wire,
} from "@spacedrive/wire";
import { expect } from "vitest";
import { z } from "zod";
import { grantWhatManifestAsks, PluginManager, type PluginManagerOptions } from "../src/index.js";
import { handler, watGuest } from "./wat-guest.js";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A real wire, job manager and plugin manager over a temporary folder, with one harmless extension loaded. */
export interface TestHost extends AsyncDisposable {
  readonly dir: string;
  readonly wire: Wire;
  readonly jobs: JobManager;
  readonly plugins: PluginManager;
  readonly library: LibraryId;
  readonly otherLibrary: LibraryId;
  readonly logs: LogLine[];
  /** What `test.append` has left. */
  lines(): string[];
  /** Writes an extension's folder. */
  write(id: string, wasm: Uint8Array | null, manifest?: Readonly<Record<string, unknown>> | string): Promise<void>;
  /** Calls as the local user, on `library`. */
  call(method: string, input?: unknown, library?: LibraryId): Promise<unknown>;
  /** Fails unless the harmless extension still answers. */
  expectBystander(): Promise<void>;
}

/** The JSON Schema that every value fits. */
const ANY = {};

interface OperationOptions {
  readonly kind?: "query" | "action";
  readonly version?: number;
  readonly scope?: "library" | "host";
  readonly export?: string;
  readonly input?: unknown;
  readonly output?: unknown;
}

/** An entry of a manifest's `operations`. */
export function operation(name: string, options: OperationOptions = {}): Readonly<Record<string, unknown>> {
  const { kind = "query", version = 1 } = options;
  const exportName = `${kind}_${name}_v${version}`;
  return { kind, name, version, scope: "library", export: exportName, input: ANY, output: ANY, ...options };
}

/** Operations of this host that extensions call in these tests. */
function operations(): Operation[] {
  let turns = 0;
  const echo = { input: z.object({ message: z.string() }), output: z.object({ echo: z.string() }) };
  return [
    defineQuery({ name: "test.ping", scope: "library", ...echo, run: (_ctx, { message }) => ({ echo: message }) }),
    defineQuery({
      name: "test.whoami",
      scope: "library",
      input: z.object({}),
      output: z.object({ caller: z.unknown(), library: z.string() }),
      run: ({ caller, library }) => ({ caller, library }),
    }),
    defineAction({
      name: "test.append",
      scope: "library",
      input: z.object({ message: z.string() }),
      output: z.object({ row: z.int() }),
      prepare: (_ctx, { message }) => message,
      commit(tx, message) {
        tx.run("INSERT INTO lines VALUES (?)", message);
        return { row: Number(tx.get("SELECT count(*) AS rows FROM lines")?.rows) };
      },
    }),
    defineAction({ name: "test.write", scope: "library", ...echo, run: (_ctx, { message }) => ({ echo: message }) }),
    defineQuery({
      name: "test.turn",
      scope: "host",
      input: z.object({}),
      output: z.number(),
      description: "1, then 2, then 3, …",
      run: () => ++turns,
    }),
    defineQuery({
      name: "test.sleep",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      run: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("given up")));
        }),
    }),
  ];
}

export async function createTestHost(
  options: Partial<Omit<PluginManagerOptions, "dir" | "wire">> & {
    readonly withoutJobs?: boolean;
    readonly faults?: StoreFaults;
    /** Default: the host's own, which keeps its lines in `logs`. */
    readonly wireLogger?: Logger;
  } = {},
): Promise<TestHost> {
  const { withoutJobs = false, faults = null, wireLogger, ...managerOptions } = options;
  const root = await mkdtemp(path.join(tmpdir(), "sd-plugins-"));
  const dir = path.join(root, "extensions");
  await mkdir(dir);
  const library = createLibraryId();
  const otherLibrary = createLibraryId();
  const logs: LogLine[] = [];
  const logger = recordingLogger(logs);
  const open = new Set([library, otherLibrary]);
  const clock = managerOptions.clock;
  const database = SqliteDatabase.open(path.join(root, "library.db"), { faults });
  database.migrate("test", [{ name: "create lines", sql: "CREATE TABLE lines (line TEXT NOT NULL) STRICT" }]);
  const wire = createWire(operations(), {
    libraries: { has: (id) => open.has(id), transaction: (_id, work) => database.transaction(work) },
    logger: wireLogger ?? logger,
    ...(clock === undefined ? {} : { clock }),
  });
  const jobs = new JobManager({ wire, interruptDeadlineMs: 500, shutdownMs: 500, retryBackoffMs: 1 });
  for (const operation of jobOperations(jobs)) wire.register(operation);
  await jobs.attach(library, new SqliteJobStore(database, library));
  const plugins = new PluginManager({
    dir,
    wire,
    ...(withoutJobs ? {} : { jobs }),
    grants: grantWhatManifestAsks(),
    ...managerOptions,
  });

  const write: TestHost["write"] = async (id, wasm, manifest = {}) => {
    const folder = path.join(dir, id);
    await mkdir(folder, { recursive: true });
    const text =
      typeof manifest === "string"
        ? manifest
        : JSON.stringify({ id, name: id, version: "1.0.0", wasm_file: "guest.wasm", ...manifest });
    await writeFile(path.join(folder, "manifest.json"), text);
    if (wasm !== null) await writeFile(path.join(folder, "guest.wasm"), wasm);
  };
  const call: TestHost["call"] = (method, input = {}, on = library) =>
    wire.call(method, input, { caller: localUser, library: on });

  const bystander = await watGuest((text) => handler("query_hello_v1", `(call $block ${text('{"hello":"world"}')})`));
  await write("bystander", bystander, { operations: [operation("hello")] });
  await plugins.load("bystander");
  logs.length = 0;

  return {
    dir,
    wire,
    jobs,
    plugins,
    library,
    otherLibrary,
    logs,
    lines: () => database.read((reader) => reader.all("SELECT line FROM lines").map(({ line }) => String(line))),
    write,
    call,
    async expectBystander() {
      expect(await call("query:bystander:hello.v1")).toEqual({ hello: "world" });
    },
    async [Symbol.asyncDispose]() {
      await plugins.close();
      await jobs.close();
      await database.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function recordingLogger(logs: LogLine[]): Logger {
  const at =
    (level: LogLine["level"]) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      logs.push({ level, fields, message });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Messages that an extension logged, or the host about it. */
export function messages(host: TestHost, extension: string): string[] {
  return host.logs.filter((line) => line.fields["extension"] === extension).map((line) => line.message);
}

/** What a promise was rejected with. */
export async function rejection(
  work: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string; readonly details: Record<string, unknown> }> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(outcome).toMatchObject({ name: "SpacedriveError" });
  // Proof: the name is that of a SpacedriveError, which has these.
  return outcome as { readonly code: string; readonly message: string; readonly details: Record<string, unknown> };
}
