import { createEntryId, implement, type Operation, parseEntryId, SpacedriveError, toJson } from "@spacedrive/wire";
import type { VdfsBackend } from "./backend.js";
import {
  createEntry,
  getEntry,
  listEntries,
  MAX_ENTRIES_PER_REPLY,
  MAX_METADATA_BYTES,
  updateMetadata,
} from "./definitions.js";
import { entriesSelection, type Entry, entryOf, insertEntry, requireEntry, setMetadata } from "./entry-table.js";
import { type JsonObject, mergeAtTop } from "./json-object.js";
import { requireLocation } from "./location-table.js";

/** So many entries are read on the host's own thread. */
const SHORT_LIST = 200;

/** Entries and their metadata. */
export function entryOperations(backend: VdfsBackend): Operation[] {
  return [
    implement(createEntry, {
      prepare: (_ctx, input) => {
        checkVirtualPath(input.path);
        const metadata = input.metadata ?? {};
        const now = backend.clock.now();
        const entry: Entry = {
          id: createEntryId(),
          location_id: null,
          path: input.path,
          name: input.name,
          entry_type: input.entry_type,
          size: 0,
          modified_at: now,
          metadata,
          created_at: now,
          updated_at: now,
        };
        return { entry, json: metadataJson(metadata) };
      },
      commit: (tx, { entry, json }: { entry: Entry; json: string }) => {
        insertEntry(tx, entry, json);
        return entry;
      },
    }),

    implement(updateMetadata, {
      prepare: (_ctx, input) => ({ ...input, now: backend.clock.now() }),
      commit: (tx, { entry_id, metadata: patch, now }: { entry_id: string; metadata: JsonObject; now: number }) => {
        const entry = requireEntry(tx, entry_id);
        const metadata = mergeAtTop(entry.metadata, patch);
        setMetadata(tx, parseEntryId(entry_id), metadataJson(metadata), now);
        return { ...entry, metadata, updated_at: now };
      },
    }),

    implement(getEntry, {
      run: (ctx, { entry_id }) => backend.read(ctx.library, (reader) => requireEntry(reader, entry_id)),
    }),

    implement(listEntries, {
      run: async (ctx, input) => {
        const { location_id: locationId, entry_type: entryType, under, after, after_id: afterId } = input;
        if (typeof locationId === "string") backend.read(ctx.library, (reader) => requireLocation(reader, locationId));
        // One more than may be answered shows that there are more.
        const limit = input.limit ?? MAX_ENTRIES_PER_REPLY + 1;
        const selection = entriesSelection({ locationId, entryType, under, after, afterId, limit });
        // Only what the index has in this order is found without a look at everything.
        const short = limit <= SHORT_LIST && locationId !== undefined && entryType === undefined;
        const rows = short
          ? backend.read(ctx.library, (reader) => reader.all(selection.sql, ...selection.params))
          : await backend.scan(ctx.library, selection);
        if (rows.length <= MAX_ENTRIES_PER_REPLY) return rows.map(entryOf);
        throw new SpacedriveError(
          "REPLY_TOO_LARGE",
          `There are more than ${MAX_ENTRIES_PER_REPLY} entries to list. Ask in pages, with "limit" and "after".`,
        );
      },
    }),
  ];
}

/** Leads nowhere on this machine; but who joins it to a folder must not be led out of it. */
function checkVirtualPath(path: string): void {
  if (!path.split(/[/\\]/).includes("..")) return;
  throw new SpacedriveError("PATH_DENIED", `${JSON.stringify(path)} cannot be an entry's path: it has a step "..".`);
}

function metadataJson(metadata: JsonObject): string {
  const json = toJson(metadata, "an entry's metadata");
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_METADATA_BYTES) return json;
  throw new SpacedriveError(
    "PAYLOAD_TOO_LARGE",
    `An entry's metadata may have ${MAX_METADATA_BYTES} bytes of JSON, and this has ${bytes}. Put large data into a sidecar.`,
  );
}
