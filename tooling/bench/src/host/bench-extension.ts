import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileGuest } from "../compile-guest.ts";

const TIMES = { type: "object", properties: { times: { type: "integer" } }, required: ["times"] };
const DATA = { type: "object", properties: { data: { type: "string" } }, required: ["data"] };
const NOTHING = { type: "object" };

const MANIFEST = {
  id: "bench",
  name: "Bench",
  version: "1.0.0",
  wasm_file: "bench.wasm",
  permissions: {
    methods: ["test.", "bench."],
    // The limiter is asked at each call, as always, and never says no.
    rate_limits: { requests_per_minute: 1_000_000_000 },
  },
  operations: [
    { kind: "query", name: "ping_loop", export: "query_ping_loop_v1", input: TIMES, output: NOTHING },
    { kind: "query", name: "ping_large_loop", export: "query_ping_large_loop_v1", input: TIMES, output: NOTHING },
    { kind: "query", name: "echo", export: "query_echo_v1", input: DATA, output: DATA },
  ],
  jobs: ["report", "save", "start"].map((name) => ({ name, export: `execute_${name}`, state: TIMES })),
};

/** A temporary folder, with the bench's extension in `extensions/bench` and room for data in `data`. */
export interface BenchFolder extends AsyncDisposable {
  readonly extensions: string;
  readonly data: string;
}

/** The neighbour that is at all its limits, which are those that everybody has by default. */
const FLOOD = {
  id: "flood",
  name: "Flood",
  version: "1.0.0",
  wasm_file: "flood.wasm",
  permissions: { methods: ["bench."] },
  jobs: [{ name: "flood", export: "execute_flood", state: { type: "object" } }],
};

/**
 * Writes `guests/bench-extension.wat`, or `guests/bench-command.wat` for the engine `wasi`, as an extension that can be loaded,
 * under so many ids: `bench`, `bench-1`, `bench-2`, …
 */
export async function writeBenchExtension(copies = 1, engine: "wasm" | "wasi" = "wasm"): Promise<BenchFolder> {
  const folder = await mkdtemp(join(tmpdir(), "spacedrive-bench-"));
  const wasm = await compileGuest(engine === "wasi" ? "bench-command" : "bench-extension");
  for (let copy = 0; copy < copies; copy++) {
    await writeExtension(folder, { ...MANIFEST, engine, id: benchId(copy) }, wasm);
  }
  return {
    extensions: join(folder, "extensions"),
    data: join(folder, "data"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The id of the so-manieth copy, from 0. */
export function benchId(copy: number): string {
  return copy === 0 ? "bench" : `bench-${copy}`;
}

/** Writes `guests/flood-extension.wat` as the extension `flood` beside the bench's. */
export async function addFloodExtension(extensions: string): Promise<void> {
  await writeExtension(join(extensions, ".."), FLOOD, await compileGuest("flood-extension"));
}

async function writeExtension(
  folder: string,
  manifest: { readonly id: string; readonly wasm_file: string; readonly engine?: string },
  wasm: Uint8Array,
): Promise<void> {
  const own = join(folder, "extensions", manifest.id);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "manifest.json"), JSON.stringify(manifest, null, 2));
  await writeFile(join(own, manifest.wasm_file), wasm);
}
