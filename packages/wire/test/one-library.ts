import { expect } from "vitest";
import { createLibraryId, type CallOptions, type LibraryDirectory, localUser, type Transaction } from "../src/index.js";

/** The one library of these tests. */
export const library = createLibraryId();
export const libraries: LibraryDirectory = { has: (id) => id === library };
export const asUser: CallOptions = { caller: localUser, library };

/** Any error of ours with this code. */
export function coded(code: string): unknown {
  return expect.objectContaining({ name: "SpacedriveError", code });
}

/** Transactions over an array: enough to see what was written and what was rolled back. */
export function memoryLibraries(): LibraryDirectory & { readonly rows: string[] } {
  const rows: string[] = [];
  return {
    rows,
    has: (id) => id === library,
    async transaction<T>(_id: unknown, work: (tx: Transaction) => T): Promise<T> {
      const before = rows.length;
      const tx: Transaction = {
        run: (sql) => rows.push(sql),
        get: () => undefined,
        all: () => [],
      };
      try {
        return work(tx);
      } catch (error) {
        rows.length = before;
        throw error;
      }
    },
  };
}
