import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Core, openCore } from "@spacedrive/core";
import type { NativeJob } from "@spacedrive/jobs";
import type { LibraryId } from "@spacedrive/runtime";

/** A host without extensions: a data directory with a library on disk, and jobs in TypeScript. */
export interface NativeHost extends AsyncDisposable {
  readonly core: Core;
  readonly library: LibraryId;
  /** The folder that goes with it, for the files of a bench. */
  readonly folder: string;
}

/** Opens a host on a new data directory, on which these jobs can be dispatched. */
export async function openNativeHost(
  jobs: readonly NativeJob[],
  options: { readonly maxRunning?: number } = {},
): Promise<NativeHost> {
  const folder = await mkdtemp(join(tmpdir(), "spacedrive-bench-"));
  const core = await openCore({ dataDir: join(folder, "data"), jobLimits: options });
  for (const job of jobs) core.jobs.register(job);
  const library = await core.libraries.open("bench");
  return {
    core,
    library: library.id,
    folder,
    async [Symbol.asyncDispose]() {
      await core.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
