// A host of an integrator: opens a data directory, loads an extension, and stays until it is told to end.
import { openCore } from "@spacedrive/core";
import { grantWhatManifestAsks, PluginManager } from "@spacedrive/runtime";

const [dataDir, extension, socket] = process.argv.slice(2);
const core = await openCore({ dataDir, socket: socket !== "none", jobLimits: { retryLimit: 1 } });
const plugins = new PluginManager({ dir: dataDir, wire: core.wire, jobs: core.jobs, grants: grantWhatManifestAsks() });
await core.libraries.open("default");
if (extension !== "") await plugins.loadFolder(extension);
process.on("message", async () => {
  await plugins.close();
  await core.close();
  process.disconnect();
});
process.send("ready");
