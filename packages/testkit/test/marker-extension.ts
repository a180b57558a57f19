import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import loadWabt from "wabt";

const source = fileURLToPath(new URL("fixtures/marker.wat", import.meta.url));
const anything = {};
const operation = { kind: "query", version: 1, scope: "library", input: anything, output: anything };

const manifest = {
  id: "marker",
  name: "Marker",
  version: "0.1.0",
  wasm_file: "marker.wasm",
  permissions: { methods: ["app.", "jobs.wake_when"], rate_limits: { requests_per_minute: 6 } },
  jobs: ["mark", "nap", "brood"].map((name) => ({ name, export: `execute_${name}`, resumable: true })),
  operations: [
    { ...operation, name: "echo", export: "query_echo_v1" },
    { ...operation, name: "weather", export: "query_weather_v1" },
  ],
};

/** A built extension in a folder of its own, removed when disposed. */
export async function buildMarker(): Promise<Disposable & { readonly folder: string }> {
  const parent = mkdtempSync(join(tmpdir(), "marker-"));
  // Named as nothing in it is: a folder's name is its owner's.
  const folder = join(parent, "some folder");
  mkdirSync(folder);
  const wabt = await loadWabt();
  const module = wabt.parseWat(source, readFileSync(source, "utf8"), { bulk_memory: true });
  writeFileSync(join(folder, "marker.wasm"), module.toBinary({}).buffer);
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return { folder, [Symbol.dispose]: () => rmSync(parent, { recursive: true }) };
}
