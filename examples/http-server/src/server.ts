import { serve } from "@hono/node-server";
import { openCore } from "@spacedrive/core";
import { grantWhatManifestAsks, PluginManager, SpacedriveError } from "@spacedrive/runtime";
import { createApp } from "./app.ts";

const dataDir = process.env["DATA_DIR"] ?? "./data";
const dir = process.env["EXTENSIONS_DIR"] ?? "../../extensions";
const port = Number(process.env["PORT"] ?? 3000);

const core = await openCore({
  dataDir,
  // Bundled code has no @spacedrive/jobs beside it.
  store: { workerUrl: new URL("./store-worker.js", import.meta.url) },
  // What clients over the network may call: the operations of extensions, and nothing of the host's own.
  remoteGate: {
    authorize({ operation, method }) {
      if (operation.extension === null)
        throw new SpacedriveError("PERMISSION_DENIED", `Clients may not call "${method}".`);
    },
    limit() {},
  },
});
const plugins = new PluginManager({
  dir,
  wire: core.wire,
  jobs: core.jobs,
  grants: grantWhatManifestAsks(),
  // Bundled code has no @spacedrive/runtime beside it: its worker is a file of the bundle.
  workerUrl: new URL("./worker.js", import.meta.url),
});
await plugins.load("test-extension");

const server = serve({ fetch: createApp(core).fetch, port }, (address) => {
  console.log(`listening on http://localhost:${address.port}`);
});

// Jobs are interrupted at their next look, checkpoint, and go on at the next start.
process.once("SIGTERM", () => void shutDown());
process.once("SIGINT", () => void shutDown());

async function shutDown(): Promise<void> {
  server.close();
  await plugins.close();
  await core.close();
  // Who watched a job has been answered now, and would keep the process for as long as a connection is kept alive.
  if ("closeIdleConnections" in server) server.closeIdleConnections();
  console.log("closed");
}
