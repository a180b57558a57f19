import { GuestFault } from "./guest-fault.js";
import type { GuestMemory } from "./guest-memory.js";
import { type GuestState, markDead } from "./guest-state.js";
import type { HostLink } from "./host-link.js";

/*
 * A block:
 *
 *   pointer            pointer + 4                 pointer + 4 + n
 *   | n, u32 little-endian | n bytes of JSON, UTF-8 |
 *
 * Who receives one frees it with wasm_free(pointer, 4 + n).
 */

/** Where bytes lie in a guest's memory. */
export interface GuestRange {
  readonly pointer: number;
  readonly length: number;
}

/** Gives the guest the first `length` bytes of `link.reply` as a block; 0 where it could not allocate one. */
export function allocateBlock(guest: GuestState, link: HostLink, length: number): number {
  const pointer = allocate(guest, link, 4 + length);
  if (pointer === 0) return 0;
  const memory = memoryOf(guest);
  memory.view.setUint32(pointer, length, true);
  link.reply.copy(memory.bytes, pointer + 4, 0, length);
  return pointer;
}

/** Asks the guest for `size` bytes (never 0) and checks what it answers; 0 where it has none. */
export function allocate(guest: GuestState, link: HostLink, size: number): number {
  if (guest.allocate === null) return fail(guest, link, "it must be handed data and exports no wasm_alloc");
  guest.allocating = true;
  const pointer = guest.allocate(size) >>> 0;
  guest.allocating = false;
  const memory = memoryOf(guest);
  if (pointer !== 0 && !memory.has(pointer, size)) {
    return fail(
      guest,
      link,
      `wasm_alloc(${size}) answered ${pointer}, and its memory has ${memory.bytes.length} bytes`,
    );
  }
  return pointer;
}

/** The bytes that a block from the guest holds. */
export function openBlock(guest: GuestState, link: HostLink, exportName: string, pointer: number): GuestRange {
  const memory = memoryOf(guest);
  if (pointer === 0 || !memory.has(pointer, 4)) {
    return fail(
      guest,
      link,
      `"${exportName}" answered the block ${pointer}, which is not in its memory of ${memory.bytes.length} bytes`,
    );
  }
  const length = memory.view.getUint32(pointer, true);
  if (!memory.has(pointer + 4, length)) {
    return fail(
      guest,
      link,
      `"${exportName}" answered a block that says ${length} bytes at ${pointer}, and its memory has ${memory.bytes.length}`,
    );
  }
  return { pointer: pointer + 4, length };
}

export function memoryOf(guest: GuestState): GuestMemory {
  if (guest.memory === null) throw new GuestFault("violation", "its memory cannot be reached yet");
  return guest.memory;
}

function fail(guest: GuestState, link: HostLink, problem: string): never {
  return link.end(markDead(guest, new GuestFault("violation", problem)));
}
