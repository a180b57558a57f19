import {
  type Clock,
  envelopeJson,
  isSpacedriveError,
  type LibraryId,
  type Logger,
  SpacedriveError,
} from "@spacedrive/wire";
import type { GuestRegistration, HostCallRequest, HostCalls, LogLevel } from "../guest/guest.js";
import { printableLine } from "../guest/guest-text.js";
import type { HeldCall } from "./call-chain.js";

/** Answers a guest's call with JSON text: the output or the error envelope. Never rejects. */
export type CallRoute = (
  method: string,
  payload: string,
  library: LibraryId | null,
  signal: AbortSignal,
) => Promise<string>;

export interface GuestHostOptions {
  readonly extension: string;
  /** The one library that the instance serves; null: none. */
  readonly library: LibraryId | null;
  readonly logger: Logger;
  /** Fields of every log line. */
  readonly logFields: Readonly<Record<string, unknown>>;
  readonly maxLogLineLength: number;
  /** How calls go out while `plugin_init` runs. */
  readonly initRoute: CallRoute;
  /** The call for which the instance is started. */
  readonly initCall: HeldCall;
  readonly clock: Clock;
  /** Whether a registration is accepted. */
  readonly register: (registration: GuestRegistration) => boolean;
}

/** One call to a guest: whatever the guest asks of the host meanwhile belongs to it. */
export interface GuestVisit {
  /** For messages: `export "go"`. */
  readonly what: string;
  readonly route: CallRoute;
  readonly mayAct: boolean;
  /** What this holds the instance for. */
  readonly call: HeldCall;
  /** Id of the job on whose behalf it is made, or null. */
  readonly job: string | null;
}

/** What an instance does just now. */
interface Phase extends GuestVisit {
  readonly library: LibraryId | null;
  readonly logFields: Readonly<Record<string, unknown>>;
}

/** The host as one instance sees it: bound to one extension and one library, whatever the guest writes. */
export class GuestHost implements HostCalls {
  readonly #options: GuestHostOptions;
  #phase: Phase;
  #initializing = true;
  #waitsSince: number | null = null;

  constructor(options: GuestHostOptions) {
    this.#options = options;
    // Every instance starts alike, so plugin_init sees no library, and has no effects.
    const { initRoute: route, initCall: call, logFields } = options;
    this.#phase = { what: "plugin_init", route, library: null, mayAct: false, call, job: null, logFields };
  }

  /** From now on the guest's calls go this way. Called once the instance has started, and before each call to it. */
  enter(visit: GuestVisit): void {
    const { library, logFields } = this.#options;
    this.#initializing = false;
    this.#phase = {
      ...visit,
      library,
      logFields: visit.job === null ? logFields : { ...logFields, job: visit.job },
    };
  }

  /** Milliseconds for which the guest has waited for the answer to a call; 0: it does not wait. */
  get waitedMs(): number {
    return this.#waitsSince === null ? 0 : passedBy(this.#options.clock) - this.#waitsSince;
  }

  async call(request: HostCallRequest): Promise<string> {
    const phase = this.#phase;
    this.#waitsSince = passedBy(this.#options.clock);
    try {
      this.#check(request, phase);
      // Whoever answers may call extensions as somebody else: they still must not wait for this instance.
      return await phase.call.doInside(() =>
        phase.route(request.method, request.payload, phase.library, request.signal),
      );
    } catch (thrown) {
      if (!isSpacedriveError(thrown)) this.#logHostFailure(thrown);
      return envelopeJson(thrown);
    } finally {
      this.#waitsSince = null;
    }
  }

  log(level: LogLevel, message: string): void {
    const { logger, maxLogLineLength } = this.#options;
    logger[level](this.#phase.logFields, printableLine(message, maxLogLineLength));
  }

  register(registration: GuestRegistration): boolean {
    return this.#initializing && this.#options.register(registration);
  }

  /** Wire answers in any case, so this is a fault of the host's own. */
  #logHostFailure(thrown: unknown): void {
    this.#options.logger.error({ ...this.#phase.logFields, err: thrown }, "the host failed to answer a call");
  }

  #check({ method, library }: HostCallRequest, phase: Phase): void {
    const { extension } = this.#options;
    if (!phase.mayAct && method.startsWith("action:")) {
      throw new SpacedriveError(
        "GUEST_ABI_VIOLATION",
        `"${extension}" may not call "${printableLine(method, 200)}" in ${phase.what}: only queries may be called there.`,
      );
    }
    if (library !== null && library.toLowerCase() !== phase.library) {
      const serves =
        phase.library === null ? `${phase.what} serves no library` : `this instance serves ${phase.library}`;
      throw new SpacedriveError(
        "LIBRARY_ACCESS_DENIED",
        `"${extension}" may not call "${printableLine(method, 200)}" on library ${library}: ${serves}. Pass no library id, or that one.`,
      );
    }
  }
}

function passedBy(clock: Clock): number {
  return clock.monotonic?.() ?? clock.now();
}
