import { type Clock, type ErrorCode, isSpacedriveError, type Logger, SpacedriveError } from "@spacedrive/wire";
import type { RestartPolicy } from "./restart-policy.js";

export interface BreakerOptions {
  readonly extension: string;
  readonly policy: RestartPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a guest itself can be guilty of, in a call or in a start. Not in it: that it was stopped from outside. */
const FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "GUEST_TRAPPED",
  "GUEST_MEMORY_LIMIT",
  "GUEST_ABI_VIOLATION",
  "TIMEOUT",
  "REPLY_TOO_LARGE",
  "INIT_FAILED",
  "REGISTRATION_REFUSED",
]);

/** Keeps calls away from an extension that does nothing but fail, as its restart policy says. */
export class Breaker {
  readonly #options: BreakerOptions;
  #faultsInARow = 0;
  #refusal: { readonly code: ErrorCode; readonly until: number; readonly at: number } | null = null;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** @throws SpacedriveError `EXTENSION_FAILING`, which says when to try again. */
  check(): void {
    if (this.#refusal === null) return;
    const { extension, policy } = this.#options;
    const { code, until, at } = this.#refusal;
    if (policy.kind === "closed") {
      throw new SpacedriveError(
        "EXTENSION_FAILING",
        `"${extension}" failed (${code}), and its restart policy is "closed": it takes no call until it is reloaded.`,
        { retryable: false, details: { fault_code: code } },
      );
    }
    const waitMs = Math.ceil(until - this.#passed());
    if (waitMs <= 0) return;
    throw new SpacedriveError(
      "EXTENSION_FAILING",
      `"${extension}" failed ${this.#faultsInARow} times in a row, the last time with ${code}, and takes no call for now. Call again in ${waitMs} ms, or correct and reload it.`,
      { details: { retry_after_ms: waitMs, retry_at: new Date(at).toISOString(), fault_code: code } },
    );
  }

  succeeded(): void {
    this.#faultsInARow = 0;
    this.#refusal = null;
  }

  /** Counts it where it is the guest's own fault. */
  failed(error: unknown): void {
    if (!isSpacedriveError(error) || !FAULTS.has(error.code)) return;
    const { extension, policy, clock, logger } = this.#options;
    if (policy.kind === "open") return;
    // A call that began before it opened says nothing new.
    if (this.#refusal !== null && this.#passed() < this.#refusal.until) return;
    this.#faultsInARow++;
    if (policy.kind === "closed") {
      this.#refusal = { code: error.code, until: Number.POSITIVE_INFINITY, at: clock.now() };
      logger.warn({ extension, code: error.code }, `"${extension}" failed, and takes no call until it is reloaded`);
      return;
    }
    const { faultsInARow = 10, waitMs: firstWaitMs = 1_000, maxWaitMs = 60_000 } = policy;
    const more = this.#faultsInARow - faultsInARow;
    if (more < 0) return;
    const waitMs = Math.min(maxWaitMs, firstWaitMs * 2 ** more);
    this.#refusal = { code: error.code, until: this.#passed() + waitMs, at: clock.now() + waitMs };
    logger.warn(
      { extension, code: error.code, faults: this.#faultsInARow, retry_after_ms: waitMs },
      `"${extension}" failed ${this.#faultsInARow} times in a row, and takes no call for ${waitMs} ms`,
    );
  }

  #passed(): number {
    const { clock } = this.#options;
    return clock.monotonic?.() ?? clock.now();
  }
}
