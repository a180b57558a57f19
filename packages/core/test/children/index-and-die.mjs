// Indexes a folder, and kills itself as soon as the job has made so many checkpoints.
import { addLocation, openCore } from "@spacedrive/core";
import { localUser, parseJobId } from "@spacedrive/wire";

const [dataDir, folder, checkpoints] = process.argv.slice(2);
const core = await openCore({ dataDir });
const library = await core.libraries.open("home");
process.send("ready");
const added = await core.wire.call(addLocation, { path: folder }, { caller: localUser, library: library.id });
const job = await core.jobs.get(parseJobId(added.job_id));
for await (const update of job.updates()) {
  if (update.checkpoint >= Number(checkpoints)) process.kill(process.pid, "SIGKILL");
}
