import { defineAction, defineQuery } from "@spacedrive/wire";
import { z } from "zod";
import { jsonObject } from "./json-object.js";

/** Bytes that one sidecar may have. */
export const MAX_SIDECAR_BYTES = 32 * 1024 * 1024;
/** Bytes that one `vdfs.read_file` answers; also what it answers where no length is asked. */
export const MAX_READ_BYTES = 8 * 1024 * 1024;
/** Entries that one `vdfs.list_entries` answers. */
export const MAX_ENTRIES_PER_REPLY = 50_000;
/** Bytes of JSON that one entry's metadata may have. */
export const MAX_METADATA_BYTES = 1024 * 1024;
/** Names that a location leaves out where it was told nothing else. */
export const DEFAULT_IGNORE: readonly string[] = [".git", "node_modules"];

const noControls = /^\P{Cc}*$/u;
const milliseconds = z.int().describe("Milliseconds since the Unix epoch.");
// Any UUID, of whatever version: what is not there is NOT_FOUND.
const entryId = z.guid().toLowerCase();
const locationId = z.guid().toLowerCase();
const base64 = z.base64().meta({ contentEncoding: "base64" });

/** A thing in a library: a file or folder of a location, or whatever an extension made. */
export const entrySchema = z.object({
  id: z.string(),
  location_id: z.string().nullable().describe("Null for an entry that an extension made."),
  path: z.string().describe("In a location: relative to it, with / between segments."),
  name: z.string(),
  entry_type: z.string().describe('"file" and "directory" in a location; any name for others.'),
  size: z.int().describe("Bytes of a file; 0 for all else."),
  modified_at: z.int().describe("When the file was last written, in milliseconds since the Unix epoch."),
  metadata: jsonObject,
  created_at: milliseconds,
  updated_at: milliseconds,
});

/** A folder on this machine that is part of a library. */
export const locationSchema = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string().describe("The folder's real path on this machine."),
  ignore: z.array(z.string()),
  added_by: z.string().nullable().describe("The extension that added it; null for the user."),
  created_at: milliseconds,
  indexed_at: milliseconds.nullable().describe("When it was last indexed to the end."),
  index_job_id: z.string().nullable().describe("The job that indexes it, or did so last."),
});

export const sidecarSchema = z.object({
  filename: z.string(),
  size: z.int(),
  created_at: milliseconds,
  updated_at: milliseconds,
});

export const createEntry = defineAction({
  name: "vdfs.create_entry",
  scope: "library",
  description: "Makes an entry that is no file of a location.",
  input: z.object({
    name: z.string().min(1).max(1024).regex(noControls),
    path: z.string().max(4096).regex(noControls),
    entry_type: z.string().min(1).max(128).regex(noControls),
    metadata: jsonObject.optional(),
  }),
  output: entrySchema,
});

export const updateMetadata = defineAction({
  name: "vdfs.update_metadata",
  scope: "library",
  description: "Lays keys over an entry's metadata; a key with null is removed.",
  input: z.object({ entry_id: entryId, metadata: jsonObject }),
  output: entrySchema,
});

export const getEntry = defineQuery({
  name: "vdfs.get_entry",
  scope: "library",
  description: "One entry.",
  input: z.object({ entry_id: entryId }),
  output: entrySchema,
});

export const listEntries = defineQuery({
  name: "vdfs.list_entries",
  scope: "library",
  description: "Entries, ordered by path and then by id.",
  input: z.object({
    location_id: locationId.nullish().describe("Null: entries of no location. Left out: all entries of the library."),
    entry_type: z.string().optional(),
    under: z.string().optional().describe("Only what lies below this path."),
    after: z.string().optional().describe("Path of the last entry of the page before."),
    after_id: entryId.optional().describe("Its id, needed only where paths are shared: outside of one location."),
    limit: z.int().min(1).max(MAX_ENTRIES_PER_REPLY).optional(),
  }),
  output: z.array(entrySchema),
});

export const writeSidecar = defineAction({
  name: "vdfs.write_sidecar",
  scope: "library",
  description: "Stores derived data beside an entry, in place of what had that name.",
  input: z.object({ entry_id: entryId, filename: z.string(), data: base64 }),
  output: z.object({ bytes_written: z.int() }),
});

export const readSidecar = defineQuery({
  name: "vdfs.read_sidecar",
  scope: "library",
  description: "The bytes of a sidecar.",
  input: z.object({ entry_id: entryId, filename: z.string() }),
  output: z.object({ data: base64, size: z.int() }),
});

export const listSidecars = defineQuery({
  name: "vdfs.list_sidecars",
  scope: "library",
  description: "The sidecars of an entry, by name.",
  input: z.object({ entry_id: entryId }),
  output: z.array(sidecarSchema),
});

export const addLocation = defineAction({
  name: "vdfs.add_location",
  scope: "library",
  description:
    "Makes a folder of this machine part of the library, and indexes it by a job. Repeating it indexes again.",
  input: z.object({
    path: z.string().min(1),
    name: z.string().min(1).max(255).regex(noControls).optional().describe("Default: the folder's name."),
    ignore: z
      .array(z.string().min(1))
      .max(1000)
      .optional()
      .describe(`Names of files and folders to leave out. Default: ${DEFAULT_IGNORE.join(", ")}.`),
  }),
  output: z.object({ location_id: z.string(), job_id: z.string() }),
});

export const listLocations = defineQuery({
  name: "vdfs.list_locations",
  scope: "library",
  description: "The locations of the library, by path.",
  input: z.object({}),
  output: z.array(locationSchema),
});

export const readFile = defineQuery({
  name: "vdfs.read_file",
  scope: "library",
  description: "Bytes of a file in a location.",
  input: z.object({
    entry_id: entryId,
    offset: z.int().nonnegative().default(0),
    length: z.int().nonnegative().max(MAX_READ_BYTES).default(MAX_READ_BYTES),
  }),
  output: z.object({
    data: base64,
    offset: z.int(),
    size: z.int().describe("Bytes of the whole file now."),
    eof: z.boolean().describe("True where nothing follows these bytes."),
  }),
});
