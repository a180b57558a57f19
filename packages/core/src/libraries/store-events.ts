import type { SpacedriveError } from "@spacedrive/wire";
import type { Library } from "./library.js";

/** The events of a `LibraryManager`, by name. `library` null: the host's own database. */
export interface StoreEvents {
  /**
   * The database of a library takes nothing more: its calls answer `error`, and its jobs have stopped. `reopens`: it is opened
   * again by itself, as soon as there is room; else `reopen` does that. Told again where that changes.
   */
  readonly "store-failed": [
    event: { readonly library: Library | null; readonly error: SpacedriveError; readonly reopens: boolean },
  ];
  /** It is open again, after that or because somebody asked for it, and its jobs go on. */
  readonly "store-reopened": [event: { readonly library: Library | null }];
}
