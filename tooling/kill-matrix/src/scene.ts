import { join } from "node:path";

/** Where one run takes place, from its first start to its end, however often it is killed in between. */
export interface Scene {
  readonly dataDir: string;
  /** The folder whose words are counted. */
  readonly folder: string;
  /** What the run was told, line by line: see `acknowledged.ts`. */
  readonly acknowledged: string;
}

export function sceneIn(place: string, folder: string): Scene {
  return { dataDir: join(place, "data"), folder, acknowledged: join(place, "acknowledged") };
}

/** The library of the run. */
export const LIBRARY = "home";

export const JOB_TYPE = "word-count:count";

export function libraryFolder({ dataDir }: Scene): string {
  return join(dataDir, "libraries", LIBRARY);
}
