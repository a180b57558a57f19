import { SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";

const entry = z.looseObject({
  id: z.string(),
  location_id: z.string().nullable(),
  path: z.string(),
  name: z.string(),
  entry_type: z.string(),
  size: z.number().nullable(),
  metadata: z.record(z.string(), z.unknown()),
});

/** An entry of the test's library, as `query:vdfs.list_entries.v1` answers it. */
export type TestEntry = z.output<typeof entry>;

const sidecar = z.looseObject({ filename: z.string(), size: z.number() });

/** A sidecar of an entry, as `query:vdfs.list_sidecars.v1` answers it. */
export type TestSidecar = z.output<typeof sidecar>;

const entries = z.array(entry);
const sidecars = z.array(sidecar);
const sidecarData = z.object({ data: z.string() });
const addedLocation = z.object({ location_id: z.string(), job_id: z.string() });

type Call = (method: string, input: unknown) => Promise<unknown>;

/** All entries, by path; `filter` as `query:vdfs.list_entries.v1` takes it. */
export async function listEntries(call: Call, filter: Readonly<Record<string, unknown>>): Promise<TestEntry[]> {
  return entries.parse(await call("query:vdfs.list_entries.v1", filter));
}

/** @throws SpacedriveError `NOT_FOUND` where no entry has the path. */
export async function findEntry(call: Call, path: string): Promise<TestEntry> {
  const found = (await listEntries(call, {})).find((one) => one.path === path);
  if (found === undefined)
    throw new SpacedriveError("NOT_FOUND", `No entry of the test's library has the path "${path}".`);
  return found;
}

export async function listSidecars(call: Call, entryId: string): Promise<TestSidecar[]> {
  return sidecars.parse(await call("query:vdfs.list_sidecars.v1", { entry_id: entryId }));
}

export async function readSidecar(call: Call, entryId: string, filename: string): Promise<Buffer> {
  const { data } = sidecarData.parse(await call("query:vdfs.read_sidecar.v1", { entry_id: entryId, filename }));
  return Buffer.from(data, "base64");
}

/** Adds a folder; answers its location and the job that indexes it. */
export async function addLocation(call: Call, path: string): Promise<{ location: string; job: string }> {
  const { location_id, job_id } = addedLocation.parse(await call("action:vdfs.add_location.input.v1", { path }));
  return { location: location_id, job: job_id };
}
