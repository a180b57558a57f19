import type { Instance } from "./instance.js";

/** Where one instance serves; it has none before its first call and after a fault. */
export interface Seat {
  instance: Instance | null;
  /** Settles when it has nothing to do any more; null: it has nothing to do. */
  serving: Promise<void> | null;
  /** It is not idle any more. */
  stopWaiting: () => void;
}

export function emptySeat(): Seat {
  return { instance: null, serving: null, stopWaiting: () => {} };
}

/** Milliseconds for which its instance has waited for the host; 0: it goes on, or starts. */
export function waitedMs({ instance }: Seat): number {
  return instance?.host.waitedMs ?? 0;
}

/**
 * Gives its instance back, which does its last work if it has no other.
 *
 * @returns whether the last work was done.
 */
export async function endSeat(seat: Seat, lastWork: ((instance: Instance) => Promise<void>) | null): Promise<boolean> {
  seat.stopWaiting();
  const { instance } = seat;
  const isFree = seat.serving === null && instance?.guest.alive === true;
  if (isFree && lastWork !== null) await lastWork(instance);
  await discard(seat);
  return isFree;
}

/** Gives its instance back. */
export async function discard(seat: Seat): Promise<void> {
  const { instance } = seat;
  seat.instance = null;
  try {
    await instance?.guest[Symbol.asyncDispose]();
  } catch {
    // An engine that cannot dispose of an instance: the next call must be served all the same.
  }
}
