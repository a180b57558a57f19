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
  readonly library: LibraryId;
  readonly sidecar: NewSidecar;
  /** Files that sidecars have given up. */
  readonly garbage: readonly string[];
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
        const garbage = backend.read(ctx.library, (reader) => selectGarbage(reader, 16));
        const file = await backend.sidecarFiles(ctx.library).write(bytes);
        const now = backend.clock.now();
        const sidecar = { entryId: entry_id, filename, file, size: bytes.byteLength, now };
        return { library: ctx.library, sidecar, garbage };
      },
      commit: (tx, { sidecar, garbage }: PreparedSidecar) => {
        requireEntry(tx, sidecar.entryId);
        deleteGarbage(tx, garbage);
        putSidecar(tx, sidecar);
        return { bytes_written: sidecar.size };
      },
      // Only now is it certain that no row will ever name them again, whatever happens to the machine. What is left by a
      // process that ends here is swept when the library opens.
      committed: async ({ library, garbage }: PreparedSidecar) => {
        const files = backend.sidecarFiles(library);
        await Promise.all(garbage.map((file) => files.remove(file)));
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

function checkSize(bytes: number): void {
  if (bytes <= MAX_SIDECAR_BYTES) return;
  throw new SpacedriveError(
    "PAYLOAD_TOO_LARGE",
    `A sidecar may have ${MAX_SIDECAR_BYTES} bytes, and this has ${bytes}.`,
  );
}
