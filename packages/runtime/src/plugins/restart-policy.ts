/**
 * What follows when an extension's guest has failed in a call: it trapped, ran out of time or memory, or broke the ABI.
 * Whatever is chosen, the instance is discarded, and other extensions notice nothing. Jobs have retries of their own.
 */
export type RestartPolicy = ReloadAfterFault | { readonly kind: "closed" } | { readonly kind: "open" };

/**
 * `reload`, the default: the next call gets a fresh instance. After `faultsInARow` without a success between them, calls
 * are refused with `EXTENSION_FAILING` for `waitMs`, which doubles with each further fault up to `maxWaitMs`.
 * `closed`: after the first fault every call is refused until the extension is reloaded.
 * `open`: the next call always gets a fresh instance, however often that has failed.
 */
export interface ReloadAfterFault {
  readonly kind: "reload";
  /** Default 10. */
  readonly faultsInARow?: number;
  /** Milliseconds. Default 1,000. */
  readonly waitMs?: number;
  /** Milliseconds. Default 60,000. */
  readonly maxWaitMs?: number;
}
