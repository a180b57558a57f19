import { basename } from "node:path";
import type { StoreFaults, StoreStep } from "@spacedrive/jobs";

/** Before or after the operation itself. */
export type Moment = "before" | "after";

/** Where a run is cut: before or after which operation of a kind, counted from 1 by each process. */
export interface Cut {
  /** The database and the operation, `library.db commit`, or `sidecars write-file`. */
  readonly place: string;
  readonly which: number;
  readonly moment: Moment;
}

/** Counts the operations of a host's stores, and ends the process by SIGKILL where it is to be cut. */
export class StoreCuts implements StoreFaults {
  /** How many operations have begun, by their place. */
  readonly counts = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  readonly #cut: Cut | null;

  constructor(cut: Cut | null) {
    this.#cut = cut;
  }

  before(step: StoreStep): null {
    this.#pass(this.counts, step, "before");
    return null;
  }

  after(step: StoreStep): void {
    this.#pass(this.#ended, step, "after");
  }

  #pass(counts: Map<string, number>, step: StoreStep, moment: Moment): void {
    const place = placeOf(step);
    const count = (counts.get(place) ?? 0) + 1;
    counts.set(place, count);
    if (this.#cut?.place === place && this.#cut.moment === moment && this.#cut.which === count) die();
  }
}

function placeOf({ operation, path }: StoreStep): string {
  switch (operation) {
    case "write-file":
    case "remove-file":
      return `sidecars ${operation}`;
    default:
      return `${basename(path)} ${operation}`;
  }
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal may take a moment, and nothing may happen in it.
  for (;;);
}
