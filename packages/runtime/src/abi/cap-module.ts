import type { GuestLimits } from "../guest/limits.js";
import type { ModuleShape, TableShape } from "./module-shape.js";
import { PAGE_BYTES } from "./page.js";

/** What 32 bits can address. */
const MOST_PAGES = 65_536;

/** What a message about the cap advises: a manifest can only lower the host's. */
export const RAISE_THE_CAP =
  "raise the cap, which is the lower of max_memory_mb in its manifest and the host's limits.maxMemoryBytes";

export interface CappedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The memory's maximum in the rewritten module. */
  readonly maxPages: number;
  /** How many bytes everything after the memory section moved: a trap's offset less this is that of the original file. */
  readonly shift: number;
}

/** Whole pages that fit in a cap of bytes. */
export function pagesOf(maxMemoryBytes: number): number {
  return Math.max(0, Math.min(MOST_PAGES, Math.floor(maxMemoryBytes / PAGE_BYTES)));
}

/**
 * Rewrites the maxima of the memory and the tables: the one way to bound them that works for every module, since
 * a worker's resource limits do not see wasm memory. The shape must have passed {@link checkModule}.
 */
export function capModule(bytes: Uint8Array, shape: ModuleShape, limits: GuestLimits): CappedModule {
  const memory = shape.memories[0];
  const maxPages = Math.min(memory?.max ?? MOST_PAGES, pagesOf(limits.maxMemoryBytes));
  const parts: Uint8Array[] = [];
  let copied = 0;
  const replace = (start: number, end: number, section: Uint8Array): void => {
    parts.push(bytes.subarray(copied, start), section);
    copied = end;
  };
  // Tables stand before the memory in every valid module.
  if (shape.tableSection !== null) {
    replace(shape.tableSection.start, shape.tableSection.end, tableSection(shape.tables, limits.maxTableEntries));
  }
  if (shape.memorySection !== null && memory !== undefined) {
    replace(
      shape.memorySection.start,
      shape.memorySection.end,
      section(5, [1, 1, ...leb(memory.min), ...leb(maxPages)]),
    );
  }
  parts.push(bytes.subarray(copied));
  const capped = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    capped.set(part, offset);
    offset += part.length;
  }
  return { bytes: capped, maxPages, shift: capped.length - bytes.length };
}

/** The room above all minima is given to the tables in their order. */
function tableSection(tables: readonly TableShape[], maxEntries: number): Uint8Array {
  let room = maxEntries - tables.reduce((sum, table) => sum + table.min, 0);
  const body = [...leb(tables.length)];
  for (const { elementType, min, max } of tables) {
    const growth = Math.min(max === null ? room : Math.max(0, max - min), room);
    room -= growth;
    body.push(elementType, 1, ...leb(min), ...leb(min + growth));
  }
  return section(4, body);
}

function section(id: number, body: readonly number[]): Uint8Array {
  return Uint8Array.from([id, ...leb(body.length), ...body]);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
