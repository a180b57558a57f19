import { fileURLToPath } from "node:url";
import { build } from "esbuild";

// Two files: the server, and the runtime's worker, which must stay a file of its own to be a thread's start.
await build({
  entryPoints: {
    server: fileURLToPath(new URL("src/server.ts", import.meta.url)),
    worker: fileURLToPath(import.meta.resolve("@spacedrive/runtime/worker")),
  },
  outdir: fileURLToPath(new URL("dist", import.meta.url)),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  sourcemap: true,
  logLevel: "warning",
});
