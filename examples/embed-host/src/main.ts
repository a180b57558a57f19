import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openCore } from "@spacedrive/core";
import { grantWhatManifestAsks, localUser, PluginManager } from "@spacedrive/runtime";
import { weatherToday } from "./weather.ts";

const ownExtensions = fileURLToPath(new URL("../extensions", import.meta.url));
const repositoryExtensions = fileURLToPath(new URL("../../../extensions", import.meta.url));
const dataDir = await mkdtemp(join(tmpdir(), "embed-host-"));

{
  // 1. The host: libraries, jobs, and every operation that extensions may be granted, ours among them.
  await using core = await openCore({ dataDir, operations: [weatherToday] });
  const library = await core.libraries.open("home");

  // 2. Extensions. `grants` is required: nothing is allowed by default.
  const shared = { wire: core.wire, jobs: core.jobs, grants: grantWhatManifestAsks() };
  await using plugins = new PluginManager({ dir: repositoryExtensions, ...shared });
  await plugins.load("test-extension");

  // 3. A job of the extension, with its progress and what of it is on the disk.
  const job = await core.jobs.dispatch("test-extension:counter", { target: 50 }, { library: library.id });
  for await (const { status, progress, message, checkpoint } of job.updates()) {
    console.log(`${status}: ${Math.round(progress * 100)} % ${message} (checkpoint ${checkpoint})`);
  }
  const { metrics } = await job.done();
  console.log(`counter: ${metrics.items} items`);

  // 4. An extension that calls this application's own operation.
  await using ownPlugins = new PluginManager({ dir: ownExtensions, ...shared });
  await ownPlugins.load("greeter");
  const options = { caller: localUser, library: library.id };
  console.log(await core.wire.call("query:greeter:greet.v1", { name: "Ada", city: "Lisbon" }, options));
}

await rm(dataDir, { recursive: true });
