// The process that is killed. Started twice on one data directory: the first time it indexes the folder and dispatches the
// job; the second time it opens the directory and loads the extension, and the job goes on by itself.
import { parseJobId, silentLogger } from "@spacedrive/runtime";
import { z } from "zod";
import { openDemoHost } from "./host.ts";
import type { ChildMessage } from "./messages.ts";

// What a build leaves behind is nobody's words.
const ignore = [".git", ".turbo", "build", "dist", "node_modules"];

const [dataDir = "", folder = ""] = process.argv.slice(2);
const send = (message: ChildMessage): void => void process.send?.(message);

await using host = await openDemoHost(dataDir, silentLogger);
const { core, library } = host;

const [unfinished] = await core.jobs.list({ library: library.id, type: "word-count:count" });
await host.plugins.load("word-count");
const job = unfinished === undefined ? await dispatch() : await core.jobs.get(unfinished.id);

const { attempt, checkpoint, progress } = unfinished ?? { attempt: 0, checkpoint: 0, progress: 0 };
send({ type: "started", jobId: job.id, attempt: attempt + 1, checkpoint, progress });
for await (const update of job.updates()) {
  send({ type: "update", progress: update.progress, message: update.message, checkpoint: update.checkpoint });
}
const end = await job.done();
send({ type: "ended", status: end.status, error: end.error?.message ?? null });
process.disconnect?.();

async function dispatch(): ReturnType<typeof core.jobs.dispatch> {
  const caller = { kind: "user" } as const;
  const location = z
    .object({ location_id: z.string(), job_id: z.string() })
    .parse(
      await core.wire.call(
        "action:vdfs.add_location.input.v1",
        { path: folder, ignore },
        { caller, library: library.id },
      ),
    );
  const index = await core.jobs.get(parseJobId(location.job_id));
  const files = (await index.done()).metrics.items;
  send({ type: "indexed", locationId: location.location_id, files });
  return core.jobs.dispatch("word-count:count", { location_id: location.location_id }, { library: library.id });
}
