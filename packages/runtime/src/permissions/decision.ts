import type { ErrorCode, JobIdentity, LibraryId } from "@spacedrive/wire";

/** What the gate decided on one call of an extension: for an audit log. */
export interface Decision {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly extension: string;
  /** Full method string; of a call that found nothing, and was one too many, what was asked for, escaped and cut. */
  readonly method: string;
  readonly library: LibraryId | null;
  readonly job: JobIdentity | null;
  readonly allowed: boolean;
  /** The grant that allowed it, as it was written; `(own)` for the extension's own operations; null where denied. */
  readonly grant: string | null;
  /** Why it was refused: `PERMISSION_DENIED`, `LIBRARY_ACCESS_DENIED` or `RATE_LIMITED`; null where allowed. */
  readonly code: ErrorCode | null;
}
