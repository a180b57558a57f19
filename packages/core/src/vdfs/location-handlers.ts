import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import type { PreparedJob } from "@spacedrive/jobs";
import {
  type Caller,
  implement,
  type LibraryId,
  type Operation,
  SpacedriveError,
  toSpacedriveError,
} from "@spacedrive/wire";
import { openContainedFile } from "../paths/contained-file.js";
import type { VdfsBackend } from "./backend.js";
import { addLocation, DEFAULT_IGNORE, listLocations, readFile } from "./definitions.js";
import { requireEntry } from "./entry-table.js";
import { admitLocation } from "./location-admission.js";
import { type Location, putLocation, requireLocation, selectLocations, setIndexJob } from "./location-table.js";

interface AddedLocation {
  readonly library: LibraryId;
  readonly asked: Location;
  /** What indexes it, once it is known whether it is a new one. */
  job: PreparedJob | null;
}

/** Real folders, and the bytes in them. */
export function locationOperations(backend: VdfsBackend): Operation[] {
  return [
    implement(addLocation, {
      prepare: async (ctx, input): Promise<AddedLocation> => {
        const known = backend.read(ctx.library, selectLocations);
        const path = await admitLocation({
          path: input.path,
          caller: ctx.caller,
          dataDir: backend.dataDir,
          userLocations: known.filter((location) => location.added_by === null).map((location) => location.path),
        });
        const asked = {
          id: randomUUID(),
          name: input.name ?? basename(path),
          path,
          ignore: input.ignore ?? [...DEFAULT_IGNORE],
          added_by: ownerOf(ctx.caller),
          created_at: backend.clock.now(),
          indexed_at: null,
          index_job_id: null,
        };
        return { library: ctx.library, asked, job: null };
      },
      commit: (tx, added: AddedLocation) => {
        const location = putLocation(tx, added.asked);
        const job = backend.prepareIndex(added.library, location.id);
        job.insertIn(tx);
        setIndexJob(tx, location.id, job.record.id);
        added.job = job;
        return { location_id: location.id, job_id: job.record.id };
      },
      committed: async ({ job }: AddedLocation) => void (await job?.start()),
    }),

    implement(listLocations, { run: (ctx) => backend.read(ctx.library, selectLocations) }),

    implement(readFile, {
      run: async (ctx, { entry_id, offset, length }) => {
        const { root, path } = backend.read(ctx.library, (reader) => {
          const entry = requireEntry(reader, entry_id);
          if (entry.location_id === null) throw hasNoBytes(entry.name, "it belongs to no location");
          if (entry.entry_type !== "file") throw hasNoBytes(entry.name, `it is a ${entry.entry_type}`);
          return { root: requireLocation(reader, entry.location_id).path, path: entry.path };
        });
        const file = await openContainedFile(root, path);
        try {
          const { size } = await file.stat();
          const bytes = await readBytes(file, path, offset, Math.min(length, Math.max(0, size - offset)));
          return { data: bytes.toString("base64"), offset, size, eof: offset + bytes.byteLength >= size };
        } finally {
          await file.close();
        }
      },
    }),
  ];
}

async function readBytes(file: FileHandle, path: string, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  try {
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
  } catch (cause) {
    throw toSpacedriveError(cause, "STORE_FAILED", `"${path}" could not be read.`);
  }
  return buffer.subarray(0, filled);
}

/** Null for the user and the host's own code. */
function ownerOf(caller: Caller): string | null {
  switch (caller.kind) {
    case "user":
    case "job":
      return null;
    case "extension":
      return caller.extension;
    case "remote":
      return `remote:${caller.client}`;
    default:
      return caller satisfies never;
  }
}

function hasNoBytes(name: string, reason: string): SpacedriveError {
  return new SpacedriveError("INVALID_INPUT", `The bytes of entry ${JSON.stringify(name)} cannot be read: ${reason}.`);
}
