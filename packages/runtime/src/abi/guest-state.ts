import type { GuestFault } from "./guest-fault.js";
import type { GuestMemory } from "./guest-memory.js";
import { toFault } from "./to-fault.js";

/** What an instance's host functions and its calls know of each other. */
export interface GuestState {
  /** Null until the instance is there: in its start function no pointer can be checked. */
  memory: GuestMemory | null;
  /** The guest's `wasm_alloc`; null where it exports none. */
  allocate: ((size: number) => number) | null;
  /** `plugin_init` or what comes before it is running: registrations are taken. */
  starting: boolean;
  /** Within `wasm_alloc` or `wasm_free`, where only logs are allowed. */
  allocating: boolean;
  /** A fault happened: nothing may be served any more. Set before anything is thrown. */
  dead: boolean;
  /** What was thrown first out of a host function, and the fault that it is; null: nothing. */
  first: { readonly thrown: unknown; readonly fault: GuestFault } | null;
  /** The running job's id as four little-endian words; null where no job runs. */
  job: readonly [number, number, number, number] | null;
}

/** Marks the instance dead. The first fault counts: what a guest does after it has swallowed one only follows from it. */
export function markDead(guest: GuestState, thrown: unknown): GuestFault {
  guest.dead = true;
  guest.first ??= { thrown, fault: toFault(thrown, false) };
  return guest.first.fault;
}
