import type { JobHost } from "./open-host.ts";

/** Runs a job of the bench's extension to its end. */
export async function runJob(host: JobHost, name: string, times: number): Promise<void> {
  const job = await host.core.jobs.dispatch(`bench:${name}`, { times }, { library: host.library });
  const { status, error } = await job.done();
  if (status !== "completed") throw new Error(`bench:${name} ended as ${status}: ${error?.message ?? "no reason"}`);
}
