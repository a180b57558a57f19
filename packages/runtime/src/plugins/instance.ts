import type { LibraryId } from "@spacedrive/wire";
import type { Guest } from "../guest/guest.js";
import type { HeldCall } from "./call-chain.js";
import type { GuestHost } from "./guest-host.js";

/** A started guest and the host as it sees it. */
export interface Instance {
  readonly guest: Guest;
  readonly host: GuestHost;
  readonly library: LibraryId | null;
}

/** Starts an instance for a library, on behalf of a call; `plugin_init` has run when it resolves. */
export type StartInstance = (library: LibraryId | null, call: HeldCall, signal: AbortSignal) => Promise<Instance>;
