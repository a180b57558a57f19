import {
  type Clock,
  type ErrorCode,
  type Gate,
  type GateRequest,
  isSpacedriveError,
  jobOf,
  type MissedCall,
  SpacedriveError,
} from "@spacedrive/wire";
import type { Decision } from "./decision.js";
import type { ExtensionPermissions } from "./extension-permissions.js";
import { RateLimiter } from "./rate-limiter.js";

/**
 * The gate of one version of an extension. Deny unless granted: `authorize` asks for a method grant and a library grant,
 * `limit` takes a token; Wire calls both for every call, and there is no other way to an operation. A refused call and one
 * that finds no operation take a token, too: out of tokens, every call is answered alike, and as cheaply.
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
    this.#audited(request, () => {
      try {
        this.#grantFor(request);
      } catch (refusal) {
        this.#takeToken(request.method);
        throw refusal;
      }
    });
  }

  limit(request: GateRequest): void {
    this.#audited(request, () => this.#takeToken(request.method));
    this.#report(request, this.#grantFor(request), null);
  }

  missed(call: MissedCall): void {
    // It is what a guest wrote, and may be anything; what follows is for logs.
    const method = JSON.stringify(call.method).slice(1, -1);
    this.#audited({ ...call, method }, () => this.#takeToken(method));
  }

  #takeToken(method: string): void {
    const retryAfterMs = this.#limiter.take();
    if (retryAfterMs === 0) return;
    throw new SpacedriveError(
      "RATE_LIMITED",
      `"${this.#permissions.extension}" made more than its ${this.#limiter.perMinute} calls a minute; "${method}" can be called again in ${retryAfterMs} ms. Raise permissions.rate_limits.requests_per_minute if that is too few.`,
      { details: { retry_after_ms: retryAfterMs } },
    );
  }

  #grantFor({ method, operation, library }: GateRequest): string {
    const grant = this.#permissions.checkMethod(method, operation);
    if (library !== null) this.#permissions.checkLibrary(library);
    return grant;
  }

  /** A refusal is reported where it happens; a permission once the last check has passed. */
  #audited(call: MissedCall, check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#report(call, null, isSpacedriveError(error) ? error.code : "INTERNAL");
      throw error;
    }
  }

  #report({ caller, method, library }: MissedCall, grant: string | null, code: ErrorCode | null): void {
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
