import { envelopeJson, isSpacedriveError, type LibraryId, type Logger, SpacedriveError } from "@spacedrive/wire";
import type { GuestRegistration, HostCallRequest, HostCalls, LogLevel } from "../guest/guest.js";
import { printableLine } from "../guest/guest-text.js";

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
  /** Whether a registration is accepted. */
  readonly register: (registration: GuestRegistration) => boolean;
}

/** What an instance does just now, as far as its calls to the host are concerned. */
interface Phase {
  /** For messages: `plugin_init`. */
  readonly what: string;
  readonly route: CallRoute;
  readonly library: LibraryId | null;
  readonly mayAct: boolean;
}

/** The host as one instance sees it: bound to one extension and one library, whatever the guest writes. */
export class GuestHost implements HostCalls {
  readonly #options: GuestHostOptions;
  #phase: Phase;
  #initializing = true;

  constructor(options: GuestHostOptions) {
    this.#options = options;
    // Every instance starts alike, so plugin_init sees no library, and has no effects.
    this.#phase = { what: "plugin_init", route: options.initRoute, library: null, mayAct: false };
  }

  /** From now on the guest's calls go this way. Called once the instance has started, and before each call to it. */
  enter(what: string, route: CallRoute, mayAct: boolean): void {
    this.#initializing = false;
    this.#phase = { what, route, library: this.#options.library, mayAct };
  }

  async call(request: HostCallRequest): Promise<string> {
    const phase = this.#phase;
    try {
      this.#check(request, phase);
      return await phase.route(request.method, request.payload, phase.library, request.signal);
    } catch (thrown) {
      if (!isSpacedriveError(thrown)) this.#logHostFailure(thrown);
      return envelopeJson(thrown);
    }
  }

  log(level: LogLevel, message: string): void {
    const { logger, logFields, maxLogLineLength } = this.#options;
    logger[level](logFields, printableLine(message, maxLogLineLength));
  }

  register(registration: GuestRegistration): boolean {
    return this.#initializing && this.#options.register(registration);
  }

  /** Wire answers in any case, so this is a fault of the host's own. */
  #logHostFailure(thrown: unknown): void {
    const { logger, logFields } = this.#options;
    logger.error({ ...logFields, err: thrown }, "the host failed to answer a call");
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
