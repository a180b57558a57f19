import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

// The store's worker belongs to a dependency of core's.
const storeWorker = createRequire(import.meta.resolve("@spacedrive/core")).resolve("@spacedrive/jobs/worker");

// Three files: the server, and the workers of guests and of the store, each of which a thread starts from.
await build({
  entryPoints: {
    server: fileURLToPath(new URL("src/server.ts", import.meta.url)),
    worker: fileURLToPath(import.meta.resolve("@spacedrive/runtime/worker")),
    "store-worker": storeWorker,
  },
  outdir: fileURLToPath(new URL("dist", import.meta.url)),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  sourcemap: true,
  logLevel: "warning",
});
