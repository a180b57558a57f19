import { implement, type LibraryId, type Operation, SpacedriveError } from "@spacedrive/wire";
import type { VdfsBackend } from "./backend.js";
import { listSidecars, MAX_SIDECAR_BYTES, readSidecar, writeSidecar } from "./definitions.js";
import { requireEntry } from "./entry-table.js";
import { checkSidecarName } from "./sidecar-name.js";
import {
  deleteGarbage,
  type NewSidecar,
  putSidecar,
  requireSidecar,
  selectGarbage,
  selectSidecars,
} from "./sidecar-table.js";

interface PreparedSidecar {
  readonly sidecar: NewSidecar;
  readonly deleted: readonly string[];
}

/** Derived data beside entries. */
export function sidecarOperations(backend: VdfsBackend): Operation[] {
  return [
    implement(writeSidecar, {
      prepare: async (ctx, { entry_id, filename, data }): Promise<PreparedSidecar> => {
        checkSidecarName(filename);
        const bytes = Buffer.from(data, "base64");
        checkSize(bytes.byteLength);
        backend.read(ctx.library, (reader) => requireEntry(reader, entry_id));
        const deleted = await deleteSomeGarbage(backend, ctx.library);
        const file = await backend.sidecarFiles(ctx.library).write(bytes);
        const now = backend.clock.now();
        return { sidecar: { entryId: entry_id, filename, file, size: bytes.byteLength, now }, deleted };
      },
      commit: (tx, { sidecar, deleted }: PreparedSidecar) => {
        requireEntry(tx, sidecar.entryId);
        deleteGarbage(tx, deleted);
        putSidecar(tx, sidecar);
        return { bytes_written: sidecar.size };
      },
    }),

    implement(readSidecar, {
      run: async (ctx, { entry_id, filename }) => {
        const files = backend.sidecarFiles(ctx.library);
        const find = (): string =>
          backend.read(ctx.library, (reader) => {
            requireEntry(reader, entry_id);
            return requireSidecar(reader, entry_id, filename).file;
          });
        // A file goes when its sidecar is written again: then the row names another one.
        let file: string | null = null;
        for (let next = find(); next !== file; next = find()) {
          file = next;
          const bytes = await files.read(file);
          if (bytes !== null) return { data: bytes.toString("base64"), size: bytes.byteLength };
        }
        throw new SpacedriveError(
          "STORE_CORRUPT",
          `The file of sidecar ${JSON.stringify(filename)} of entry ${entry_id} is missing. Write it again, or restore the library.`,
        );
      },
    }),

    implement(listSidecars, {
      run: (ctx, { entry_id }) =>
        backend.read(ctx.library, (reader) => {
          requireEntry(reader, entry_id);
          return selectSidecars(reader, entry_id);
        }),
    }),
  ];
}

/** Files that sidecars gave up, deleted a few at a time; their rows go with the write that is being prepared. */
async function deleteSomeGarbage(backend: VdfsBackend, library: LibraryId): Promise<string[]> {
  const garbage = backend.read(library, (reader) => selectGarbage(reader, 16));
  const files = backend.sidecarFiles(library);
  await Promise.all(garbage.map((file) => files.remove(file)));
  return garbage;
}

function checkSize(bytes: number): void {
  if (bytes <= MAX_SIDECAR_BYTES) return;
  throw new SpacedriveError(
    "PAYLOAD_TOO_LARGE",
    `A sidecar may have ${MAX_SIDECAR_BYTES} bytes, and this has ${bytes}.`,
  );
}
