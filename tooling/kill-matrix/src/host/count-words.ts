import { addLocation, listLocations } from "@spacedrive/core";
import { localUser, parseJobId } from "@spacedrive/wire";
import { JOB_TYPE, type Scene } from "../scene.ts";
import type { Host } from "./open-host.ts";

/**
 * Adds the folder to the library, has it indexed, and counts its words; what an earlier process has done of that is not done
 * again. Resolves once it is done.
 *
 * @throws Error where a job ended otherwise than completed.
 */
export async function countWords({ core, library, acknowledged }: Host, scene: Scene): Promise<void> {
  const options = { caller: localUser, library: library.id } as const;

  let [location] = await core.wire.call(listLocations, {}, options);
  if (location === undefined) {
    const added = await core.wire.call(addLocation, { path: scene.folder }, options);
    acknowledged.note({ type: "location-added", location: added.location_id, job: added.job_id });
    [location] = await core.wire.call(listLocations, {}, options);
  }
  if (location === undefined) throw new Error("the location that was added is not there");
  await completed(location.index_job_id);

  const [known] = await core.jobs.list({ type: JOB_TYPE });
  let id = known?.id;
  if (id === undefined) {
    const job = await core.jobs.dispatch(JOB_TYPE, { location_id: location.id }, { library: library.id });
    acknowledged.note({ type: "dispatched", job: job.id });
    id = job.id;
  }
  await completed(id);

  async function completed(job: string | null): Promise<void> {
    const { type, status, error, id } = await (await core.jobs.get(parseJobId(job))).done();
    if (status !== "completed") throw new Error(`job ${type} ended ${status}: ${error?.message ?? "without a reason"}`);
    acknowledged.note({ type: "done", job: id });
  }
}
