import {
  type Clock,
  type ErrorCode,
  type Gate,
  type GateRequest,
  isSpacedriveError,
  jobOf,
  SpacedriveError,
} from "@spacedrive/wire";
import type { Decision } from "./decision.js";
import type { ExtensionPermissions } from "./extension-permissions.js";
import { RateLimiter } from "./rate-limiter.js";

/**
 * The gate of one version of an extension. Deny unless granted: `authorize` asks for a method grant and a library grant,
 * `limit` takes a token; Wire calls both for every call, and there is no other way to an operation.
 */
export class ExtensionGate implements Gate {
  readonly #permissions: ExtensionPermissions;
  readonly #limiter: RateLimiter;
  readonly #clock: Clock;
  readonly #onDecision: (decision: Decision) => void;

  /** @param onDecision must not throw. */
  constructor(permissions: ExtensionPermissions, clock: Clock, onDecision: (decision: Decision) => void) {
    this.#permissions = permissions;
    this.#limiter = new RateLimiter(permissions.requestsPerMinute, clock);
    this.#clock = clock;
    this.#onDecision = onDecision;
  }

  authorize(request: GateRequest): void {
    this.#audited(request, () => this.#grantFor(request));
  }

  limit(request: GateRequest): void {
    const grant = this.#audited(request, () => {
      const retryAfterMs = this.#limiter.take();
      if (retryAfterMs === 0) return this.#grantFor(request);
      throw new SpacedriveError(
        "RATE_LIMITED",
        `"${this.#permissions.extension}" made more than its ${this.#limiter.perMinute} calls a minute; "${request.method}" can be called again in ${retryAfterMs} ms. Raise permissions.rate_limits.requests_per_minute if that is too few.`,
        { details: { retry_after_ms: retryAfterMs } },
      );
    });
    this.#report(request, grant, null);
  }

  #grantFor({ method, operation, library }: GateRequest): string {
    const grant = this.#permissions.checkMethod(method, operation);
    if (library !== null) this.#permissions.checkLibrary(library);
    return grant;
  }

  /** A refusal is reported where it happens; a permission once the last check has passed. */
  #audited<T>(request: GateRequest, check: () => T): T {
    try {
      return check();
    } catch (error) {
      this.#report(request, null, isSpacedriveError(error) ? error.code : "INTERNAL");
      throw error;
    }
  }

  #report({ caller, method, library }: GateRequest, grant: string | null, code: ErrorCode | null): void {
    this.#onDecision({
      at: this.#clock.now(),
      extension: this.#permissions.extension,
      method,
      library,
      job: jobOf(caller),
      allowed: code === null,
      grant,
      code,
    });
  }
}
