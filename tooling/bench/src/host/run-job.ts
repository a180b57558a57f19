import type { Job, NativeJob } from "@spacedrive/jobs";
import type { NativeHost } from "./native-host.ts";
import type { JobHost } from "./open-host.ts";

/** Runs a job of the bench's extension to its end. */
export async function runJob(host: JobHost, name: string, times: number): Promise<void> {
  await ended(await host.core.jobs.dispatch(`bench:${name}`, { times }, { library: host.library }));
}

/** Runs a job in TypeScript to its end. */
export async function runNativeJob<Params>(host: NativeHost, job: NativeJob<Params>, params: Params): Promise<void> {
  await ended(await host.core.jobs.dispatch(job, params, { library: host.library }));
}

async function ended(job: Job): Promise<void> {
  const { type, status, error } = await job.done();
  if (status !== "completed") throw new Error(`${type} ended as ${status}: ${error?.message ?? "no reason"}`);
}
