import type { SpacedriveError } from "@spacedrive/wire";

/** Who is told how a store fares as a whole. */
export interface StoreWatcher {
  /**
   * It takes nothing more, and answers `error` to whoever asks, until it works again. `error.retryable`: it sees to that itself;
   * else somebody has to. Called again where that changes.
   */
  failed(error: SpacedriveError): void;
  /** It works again, with all that was ever acknowledged. */
  reopened(): void;
}
