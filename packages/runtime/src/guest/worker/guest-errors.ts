import { SpacedriveError, toSpacedriveError, printableLine, printableText } from "@spacedrive/wire";
import { faultToError } from "../../abi/fault-to-error.js";
import type { GuestStackReader } from "../../abi/guest-stack.js";
import type { GuestLimits } from "../limits.js";
import { FAULT_KINDS, WORD } from "./channel-layout.js";
import type { GuestThread } from "./guest-thread.js";

/** Of a log line or a name of the guest's that stands in a message. */
const MAX_SHOWN_CHARACTERS = 1_000;
/** Of a fault, which may be told in several lines. */
const MAX_TEXT_CHARACTERS = 8_192;

/** The errors that a guest's end can be, with its name in them. */
export class GuestErrors {
  /** What a start is called in messages. */
  readonly startName: string;
  readonly #name: string;
  readonly #limits: GuestLimits;
  readonly #stackReader: GuestStackReader;

  constructor(name: string, limits: GuestLimits, stackReader: GuestStackReader, startName: string) {
    this.startName = startName;
    this.#name = name;
    this.#limits = limits;
    this.#stackReader = stackReader;
  }

  /** From the fault that the thread reports. `lastLogged`: the last error that the guest logged in this call. */
  fault(thread: GuestThread, activity: string, lastLogged: string | null): SpacedriveError {
    const { words, data } = thread;
    const messageLength = words[WORD.LENGTH_0] ?? 0;
    const stackLength = words[WORD.LENGTH_1] ?? 0;
    return faultToError({
      name: this.#name,
      activity: shown(activity),
      kind: FAULT_KINDS[words[WORD.VALUE] ?? 0] ?? "trap",
      message: printableText(data.toString("utf8", 0, messageLength), MAX_TEXT_CHARACTERS),
      stack: this.#stackReader.read(data.toString("utf8", messageLength, messageLength + stackLength)),
      maxMemoryBytes: this.#limits.maxMemoryBytes,
      logged: lastLogged === null ? null : printableLine(lastLogged, MAX_SHOWN_CHARACTERS),
    });
  }

  /** What a failed start is to its caller. */
  start(error: SpacedriveError, lastLogged: string | null, refused: readonly string[]): SpacedriveError {
    if (error.code === "INIT_FAILED" && refused.length > 0) {
      const names = printableLine(refused.join(", "), MAX_SHOWN_CHARACTERS);
      const message = `"${this.#name}" gave up in ${this.startName} after the host had refused to register ${names}. Make manifest, exports and registrations agree.`;
      return new SpacedriveError("REGISTRATION_REFUSED", message, { cause: error });
    }
    if (error.code !== "INIT_FAILED" && error.code !== "GUEST_TRAPPED" && error.code !== "TIMEOUT") return error;
    const logged = lastLogged === null ? null : printableLine(lastLogged, MAX_SHOWN_CHARACTERS);
    const hint = logged === null ? "It logged no error." : `The last error that it logged: ${logged}`;
    return new SpacedriveError("INIT_FAILED", `${error.message}\n${hint}`, { cause: error });
  }

  timeout(activity: string, timeoutMs: number): SpacedriveError {
    const message = `"${this.#name}" did not come back from ${shown(activity)} within ${timeoutMs} ms and was stopped. Do less in one call, or raise the limit.`;
    return new SpacedriveError("TIMEOUT", message);
  }

  stalled(activity: string): SpacedriveError {
    const message = `"${this.#name}" called no host function in ${shown(activity)} for ${this.#limits.silenceMs} ms and was stopped. Report progress or check for interrupts more often, or raise silenceMs.`;
    return new SpacedriveError("JOB_STALLED", message);
  }

  cancelled(activity: string): SpacedriveError {
    return new SpacedriveError(
      "CANCELLED",
      `The call of ${shown(activity)} of "${this.#name}" was cancelled by its caller.`,
    );
  }

  unloaded(activity: string): SpacedriveError {
    return new SpacedriveError(
      "UNLOADED",
      `"${this.#name}" was unloaded while ${shown(activity)} ran. Load it, and call again.`,
    );
  }

  /** A call to an instance that has ended. */
  ended(why: SpacedriveError | null): SpacedriveError {
    const because = why === null ? "it was disposed" : `it failed before (${why.code})`;
    return new SpacedriveError("UNLOADED", `This instance of "${this.#name}" has ended: ${because}. Start another.`, {
      cause: why ?? undefined,
    });
  }

  busy(activity: string): SpacedriveError {
    return new SpacedriveError(
      "BUSY",
      `This instance of "${this.#name}" runs ${shown(activity)}: it makes one call at a time.`,
    );
  }

  noExport(exportName: string, expected: readonly string[], found: string | undefined): SpacedriveError {
    const state =
      found === undefined ? `exports no function "${shown(exportName)}"` : `exports "${shown(exportName)}" as ${found}`;
    return new SpacedriveError("EXPORT_NOT_FOUND", `"${this.#name}" ${state}; ${expected.join(" or ")} is needed.`);
  }

  /** A guest whose names only it knows has said that it does not know this one. */
  notAnswered(exportName: string): SpacedriveError {
    return new SpacedriveError(
      "EXPORT_NOT_FOUND",
      `"${this.#name}" exports no function "${shown(exportName)}": it said so itself.`,
    );
  }

  payloadTooLarge(what: string, bytes: number): SpacedriveError {
    const message = `The ${what} for "${this.#name}" has ${bytes} bytes and ${this.#limits.maxPayloadBytes} are allowed. Send less, or in parts.`;
    return new SpacedriveError("PAYLOAD_TOO_LARGE", message);
  }

  /** One of ours is passed on; anything else that the host's side threw is a fault of ours. */
  hostFailed(activity: string, thrown: unknown): SpacedriveError {
    return toSpacedriveError(thrown, "INTERNAL", `The host failed while "${this.#name}" ran ${shown(activity)}.`);
  }

  /** The thread ended, and we had not asked it to. */
  threadDied(activity: string, cause: Error | null): SpacedriveError {
    if (cause !== null && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY") {
      return new SpacedriveError(
        "GUEST_MEMORY_LIMIT",
        `The thread of "${this.#name}" ran out of memory of its own in ${shown(activity)}. Send and take less in one call, or raise the engine's resourceLimits.`,
        { cause },
      );
    }
    return new SpacedriveError(
      "GUEST_TRAPPED",
      `The thread of "${this.#name}" ended unexpectedly in ${shown(activity)}.`,
      {
        cause,
      },
    );
  }

  /** The thread did not come up. */
  noThread(cause: Error | null): SpacedriveError {
    const reason = cause === null ? "" : `: ${cause.message}`;
    return new SpacedriveError(
      "INTERNAL",
      `No thread could be started for "${this.#name}"${reason}. Check the option workerUrl.`,
      { cause },
    );
  }
}

/** An export's name is the module's own. */
function shown(activity: string): string {
  return printableLine(activity, MAX_SHOWN_CHARACTERS);
}
