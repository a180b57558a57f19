// A host that calls the counter's operation, closes all but the engine, and has nothing to do any more.
import { createWasiEngine } from "@spacedrive/engine-wasmer";
import {
  createWire,
  defineQuery,
  grantWhatManifestAsks,
  JobManager,
  localUser,
  PluginManager,
} from "@spacedrive/runtime";
import { z } from "zod";

const [, , dir, transport] = process.argv;
const library = "7a0f5f2e-6c56-4c0e-9a43-0d6f0c6a1b11";
const ping = defineQuery({
  name: "test.ping",
  scope: "library",
  input: z.object({ message: z.string() }),
  output: z.object({ echo: z.string() }),
  run: (_ctx, { message }) => ({ echo: `Pong: ${message}` }),
});
const wire = createWire([ping], { libraries: { has: (id) => id === library } });
const jobs = new JobManager({ wire });
const engines = { wasi: createWasiEngine({ transport }) };
const plugins = new PluginManager({ dir, wire, jobs, grants: grantWhatManifestAsks(), engines });
await plugins.load("counter");
const answer = await wire.call("query:counter:greeting.v1", { message: "hi" }, { caller: localUser, library });
process.stdout.write(`${JSON.stringify(answer)}\n`);
await plugins.close();
await jobs.close();
