/** What a code promises. `retryable`: the same call may succeed later, unchanged. */
export interface ErrorCodeEntry {
  readonly meaning: string;
  readonly remedy: string;
  readonly retryable: boolean;
}

function entry(meaning: string, remedy: string, retryable = false): ErrorCodeEntry {
  return { meaning, remedy, retryable };
}

/**
 * Every error code of the platform. A released code never changes meaning; docs/errors.md has a heading for each,
 * and a test keeps the page equal to this table.
 */
export const ERROR_CODES = {
  // Calling an operation.
  NOT_FOUND: entry("The thing that was named does not exist.", "Check the name or id; list what there is."),
  INVALID_INPUT: entry(
    "The input is not what the operation or command takes.",
    "Correct the field at the path that the message names.",
  ),
  PERMISSION_DENIED: entry(
    "The caller holds no grant for this operation.",
    "Add the grant that the message names to the manifest, and have the integrator allow it.",
  ),
  LIBRARY_REQUIRED: entry(
    "The operation works on a library and the call named none.",
    "Pass the id of an open library.",
  ),
  LIBRARY_NOT_FOUND: entry("No open library has this id.", "Open the library first, or correct the id."),
  LIBRARY_ACCESS_DENIED: entry(
    "The caller may not touch this library.",
    "Add the library to permissions.libraries in the manifest, and have the integrator allow it.",
  ),
  RATE_LIMITED: entry(
    "The caller made more calls per minute than it was granted.",
    "Wait for retry_after_ms, or have the limit raised.",
    true,
  ),
  BUSY: entry("A limit on work at the same time is reached.", "Try again when some of it has ended.", true),
  TIMEOUT: entry("The work was stopped at its time limit.", "Do less in one call, or raise the limit.", true),
  CANCELLED: entry("The work was cancelled before it ended.", "Nothing: somebody asked for it."),
  PAYLOAD_TOO_LARGE: entry("The input has more bytes, or more JSON values, than the limit.", "Send less, or in parts."),
  REPLY_TOO_LARGE: entry(
    "The output has more bytes, or more JSON values, than the limit.",
    "Ask for less, or in parts.",
  ),
  OPERATION_FAILED: entry("The operation itself failed.", "Read the message; the host's log has the cause."),
  CONFLICT: entry(
    "The thing exists already, or is in another state than this needs.",
    "Look at its state, then decide.",
  ),
  CLOSED: entry("The host, library, plugin or job manager has been closed.", "Open it again."),
  INTERNAL: entry("A fault of the platform.", "Report it, with the host's log."),

  // Jobs.
  INVALID_TRANSITION: entry(
    "The job's state does not allow this step.",
    "Look at the job's status; docs/architecture.md has the table of states.",
  ),
  JOB_NOT_RUNNING: entry(
    "The job id is not that of a running job of this caller.",
    "Use the id that the job was given.",
  ),
  JOB_FAILED: entry("The job ended in failed.", "Read its reason; correct it, then retry the job."),
  JOURNAL_FULL: entry(
    "The job has recorded more calls since its last checkpoint than its journal may hold.",
    "Checkpoint, then call again.",
  ),
  EVENTS_FULL: entry(
    "The library keeps as many names of events of this extension, or of the host, as it may.",
    "Emit one name, and tell what differs in its payload.",
  ),
  JOB_STALLED: entry(
    "The job called no host function within its silence limit and was stopped.",
    "Report progress or check for interrupts more often, or raise the limit.",
    true,
  ),
  INVALID_STATE: entry("A job's state is not JSON, or does not fit the job's schema.", "Checkpoint valid JSON only."),

  // Loading an extension.
  EXTENSION_NOT_FOUND: entry(
    "No extension of this id is there.",
    "Check the id and the extensions' folder; build it first.",
  ),
  EXTENSION_NOT_LOADED: entry("The extension is not loaded.", "Load it first."),
  ALREADY_LOADED: entry("The extension is loaded already.", "Use reload to replace it."),
  MANIFEST_INVALID: entry(
    "The manifest is not JSON, or a key is unknown, missing or of a wrong type.",
    "Correct the path that the message names; sdx check lists every problem.",
  ),
  MODULE_INVALID: entry(
    "The wasm file is not a module that this host can run.",
    "Build it again; the message names the import, export or section.",
  ),
  ABI_UNSUPPORTED: entry(
    "The module speaks an ABI version that this host does not know.",
    "Update the host or the SDK.",
  ),
  INIT_FAILED: entry(
    "plugin_init trapped, ran too long or returned non-zero.",
    "Read the extension's log; correct its init.",
  ),
  REGISTRATION_REFUSED: entry(
    "The extension registered a job or operation that its manifest or exports do not bear out.",
    "Make manifest, exports and registrations agree.",
  ),
  RELOAD_FAILED: entry(
    "The new version could not be loaded; the old one keeps serving.",
    "Correct the new version, reload.",
  ),

  // Reaching a host in another process.
  HOST_UNREACHABLE: entry(
    "No host answers on the data directory's socket, or it went away before it answered.",
    "Start the host, or open the data directory in this process; look whether an action that was under way took effect.",
    true,
  ),
  PROTOCOL_UNSUPPORTED: entry(
    "Client and host speak different versions of the socket's protocol.",
    "Use the same release of both.",
  ),

  // Running a guest.
  GUEST_TRAPPED: entry(
    "The guest's code trapped, or a WASI command exited before it had answered; its instance was discarded.",
    "Read the stack or the last words in the message.",
  ),
  GUEST_MEMORY_LIMIT: entry(
    "The guest asked for more memory than its cap.",
    "Use less, or raise the cap: the lower of max_memory_mb in the manifest and the host's limits.maxMemoryBytes.",
  ),
  GUEST_ABI_VIOLATION: entry(
    "The guest passed a pointer, length or block that is not valid, or called out of turn; or a WASI command broke the protocol of its records.",
    "Use an SDK; docs/abi.md has the rules, and docs/wasi-protocol.md those of commands.",
  ),
  EXPORT_NOT_FOUND: entry("The module has no such export, or one of another signature.", "Check the name."),
  EXTENSION_FAILING: entry(
    "The extension failed too often in a row, and its host keeps calls away from it.",
    "Wait for retry_after_ms, where the error has it; else correct the extension and reload it.",
    true,
  ),
  UNLOADED: entry("The extension was unloaded while the call was under way.", "Load it, call again.", true),

  // Data at rest.
  DATA_DIR_LOCKED: entry(
    "Another process has this data directory open.",
    "Stop that process, or use another directory.",
  ),
  DISK_FULL: entry("There is no room left on the disk.", "Free some, then resume.", true),
  STORE_LOCKED: entry("The database is locked by another process.", "Close what holds it.", true),
  STORE_CORRUPT: entry("The database is damaged or not one of ours.", "Restore it from a backup."),
  STORE_FAILED: entry("The database or file could not be read or written.", "Read the cause in the host's log.", true),
  PATH_DENIED: entry("The path leaves the place it belongs to.", "Name a path inside it."),

  // Building an extension.
  BUILD_FAILED: entry("The compiler refused the extension's source.", "Correct the lines that it printed."),
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_CODES, code);
}

export interface SpacedriveErrorOptions {
  /** The underlying fault. Logged by the host; never sent to a guest or a remote client. */
  readonly cause?: unknown;
  /** Fields a program can use, in snake_case: they travel in the envelope beside `error` and `code`. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Default: what the code's table entry says. */
  readonly retryable?: boolean;
}

/**
 * The one error of the platform. Match on `code` with {@link isSpacedriveError}: text changes, and `instanceof` breaks
 * between two copies of a package.
 */
export class SpacedriveError extends Error {
  override readonly name = "SpacedriveError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: SpacedriveErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.details = options.details ?? {};
  }
}

/** True for an error of ours with a code of the table, from this copy of the package or another. Never throws. */
export function isSpacedriveError(error: unknown): error is SpacedriveError {
  try {
    return error instanceof Error && error.name === "SpacedriveError" && "code" in error && isErrorCode(error.code);
  } catch {
    // A proxy or a getter that throws: whatever it is, it is not ours.
    return false;
  }
}

/** Turns whatever was thrown into our error; one of ours is returned as it is. */
export function toSpacedriveError(thrown: unknown, code: ErrorCode, message: string): SpacedriveError {
  return isSpacedriveError(thrown) ? thrown : new SpacedriveError(code, message, { cause: thrown });
}
