import type { SpacedriveError } from "@spacedrive/wire";

/** Who is told how a database fares as a whole. */
export interface DatabaseWatcher {
  /**
   * It takes nothing more, and answers `error` to whoever asks, until it is open again. `error.retryable`: it opens itself as
   * soon as that can be; else somebody has to ask for it. Called again where it turns out that it cannot open itself.
   */
  failed(error: SpacedriveError): void;
  /** Its WAL cannot be copied into it for now. Nothing is lost by that; the WAL grows. Told once, until it can be again. */
  checkpointFailed?(error: SpacedriveError): void;
  /** It is open again, with all that was ever confirmed. */
  reopened(): void;
}
