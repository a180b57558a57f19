// Serves a data directory with a library `home` and an operation that never answers, and does what it is told.
import { openCore } from "@spacedrive/core";
import { defineQuery } from "@spacedrive/wire";
import { z } from "zod";

const [dataDir, told] = process.argv.slice(2);
const wait = defineQuery({
  name: "test.wait",
  scope: "host",
  input: z.object({}),
  output: z.object({}),
  run: () => {
    process.send("waiting");
    return new Promise(() => {});
  },
});
const core = await openCore({ dataDir, operations: [wait] });
await core.libraries.open("home");
process.on("message", async () => {
  await core.close();
  process.send(["closed", process.getActiveResourcesInfo().filter((name) => !["PipeWrap", "TTYWrap"].includes(name))]);
  // Without the channel to the test nothing holds this process.
  process.disconnect();
});
// `idle`: the channel does not hold the process either.
if (told === "idle") process.channel.unref();
process.send("ready");
