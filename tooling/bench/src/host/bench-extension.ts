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
    { kind: "query", name: "echo", export: "query_echo_v1", input: DATA, output: DATA },
  ],
  jobs: ["report", "save", "start"].map((name) => ({ name, export: `execute_${name}`, state: TIMES })),
};

/** A temporary folder, with the bench's extension in `extensions/bench` and room for data in `data`. */
export interface BenchFolder extends AsyncDisposable {
  readonly extensions: string;
  readonly data: string;
}

/** Writes `guests/bench-extension.wat` as an extension that can be loaded. */
export async function writeBenchExtension(): Promise<BenchFolder> {
  const folder = await mkdtemp(join(tmpdir(), "spacedrive-bench-"));
  const own = join(folder, "extensions", "bench");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "manifest.json"), JSON.stringify(MANIFEST, null, 2));
  await writeFile(join(own, "bench.wasm"), await compileGuest("bench-extension"));
  return {
    extensions: join(folder, "extensions"),
    data: join(folder, "data"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
