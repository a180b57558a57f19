import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseJson } from "@spacedrive/wire";
import { z } from "zod";
import { type Acknowledged, fingerprintOf, readAcknowledged } from "../host/acknowledged.ts";
import { libraryFolder, type Scene } from "../scene.ts";
import type { LibraryCopy, Row } from "./library-copy.ts";

/** What a run was told is done, and is not there. */
export function findLost(copy: LibraryCopy, scene: Scene): string[] {
  const found: Found = {
    jobs: byId(copy.rows("library.db", "jobs")),
    locations: byId(copy.rows("library.db", "locations")),
    entries: byId(copy.rows("library.db", "entries")),
    sidecars: copy.rows("library.db", "sidecars"),
    folder: join(libraryFolder(scene), "sidecars"),
  };
  return lastOf(readAcknowledged(scene.acknowledged)).flatMap((acknowledged) => {
    const reason = whyLost(found, acknowledged);
    return reason === null ? [] : [`acknowledged and lost (${reason}): ${JSON.stringify(acknowledged)}`];
  });
}

interface Found {
  readonly jobs: ReadonlyMap<unknown, Row>;
  readonly locations: ReadonlyMap<unknown, Row>;
  readonly entries: ReadonlyMap<unknown, Row>;
  readonly sidecars: readonly Row[];
  /** Of the files of sidecars. */
  readonly folder: string;
}

function byId(rows: readonly Row[]): ReadonlyMap<unknown, Row> {
  return new Map(rows.map((row) => [row["id"], row]));
}

/** A checkpoint takes the place of those before it. */
function lastOf(acknowledged: readonly Acknowledged[]): Acknowledged[] {
  const checkpoints = new Map<string, Acknowledged>();
  for (const each of acknowledged) if (each.type === "checkpoint") checkpoints.set(each.job, each);
  return [...acknowledged.filter(({ type }) => type !== "checkpoint"), ...checkpoints.values()];
}

/** Null: it is there. */
function whyLost(found: Found, acknowledged: Acknowledged): string | null {
  const job = "job" in acknowledged ? found.jobs.get(acknowledged.job) : undefined;
  switch (acknowledged.type) {
    case "location-added":
      if (!found.locations.has(acknowledged.location)) return "there is no such location";
      return job === undefined ? "there is no such job" : null;
    case "dispatched":
      return job === undefined ? "there is no such job" : null;
    case "checkpoint":
      return whyCheckpointLost(job, acknowledged);
    case "done":
      return job?.["status"] === "completed" ? null : `the job is ${String(job?.["status"])}`;
    case "action":
      return whyActionLost(found, acknowledged.method, acknowledged.payload);
    default:
      return acknowledged satisfies never;
  }
}

function whyCheckpointLost(
  job: Row | undefined,
  { checkpoint, state }: Extract<Acknowledged, { readonly type: "checkpoint" }>,
): string | null {
  const stored = Number(job?.["checkpoint"] ?? -1);
  if (stored < checkpoint) return `the job is at checkpoint ${stored}`;
  if (stored === checkpoint && fingerprintOf(String(job?.["state"])) !== state) return "its state is another";
  return null;
}

const writtenSidecar = z.object({ entry_id: z.string(), filename: z.string(), data: z.string() });
const updatedMetadata = z.object({ entry_id: z.string(), metadata: z.record(z.string(), z.unknown()) });

function whyActionLost(found: Found, method: string, payload: string): string | null {
  const input = parseJson(payload, "a payload");
  switch (method) {
    case "action:vdfs.write_sidecar.input.v1":
      return whySidecarLost(found, writtenSidecar.parse(input));
    case "action:vdfs.update_metadata.input.v1":
      return whyMetadataLost(found, updatedMetadata.parse(input));
    default:
      throw new Error(`The matrix does not know what "${method}" leaves in a library: say it in find-lost.ts.`);
  }
}

function whySidecarLost({ sidecars, folder }: Found, written: z.output<typeof writtenSidecar>): string | null {
  const row = sidecars.find(({ entry_id, filename }) => entry_id === written.entry_id && filename === written.filename);
  if (row === undefined) return "there is no such sidecar";
  const file = join(folder, String(row["file"]));
  if (!existsSync(file)) return "its file is not there";
  const data = readFileSync(file).toString("base64");
  return data === written.data ? null : "its bytes are others";
}

function whyMetadataLost({ entries }: Found, { entry_id, metadata }: z.output<typeof updatedMetadata>): string | null {
  const text = entries.get(entry_id)?.["metadata"];
  if (typeof text !== "string") return "there is no such entry";
  const stored = z.record(z.string(), z.unknown()).parse(parseJson(text, "metadata"));
  const isThere = Object.entries(metadata).every(([name, value]) => isDeepStrictEqual(stored[name], value));
  return isThere ? null : `the metadata is ${text}`;
}
