import { emitEvent, lastEvent, LibraryEvent } from "./events";
import { JobClient } from "./jobs";
import { log } from "./log";
import { Result } from "./result";
import { Uuid } from "./uuid";
import { VdfsClient } from "./vdfs";
import { callOperation } from "./wire";

/** What an operation of an extension works with: the library it is asked about, and everything the host can do. */
export class ExtensionContext {
  constructor(
    /** The library; null where the call names none, as in `onInit`. */
    readonly libraryId: Uuid | null,
    /** Who asks. */
    readonly caller: string,
  ) {}

  /** Files, sidecars and metadata. */
  vdfs(): VdfsClient {
    return new VdfsClient(this.libraryId);
  }

  /** Background jobs. */
  jobs(): JobClient {
    return new JobClient(this.libraryId);
  }

  /** Calls any operation by its method string: `query:test.ping.v1`, `action:vdfs.write_sidecar.input.v1`. */
  call<I, O>(method: string, input: I): Result<O> {
    return callOperation<I, O>(this.libraryId, method, input);
  }

  /**
   * Tells the library that something has happened, and wakes the jobs that wait for it. The name is this extension's own: `imported`
   * is `<extension>:imported` to others. Gives the event's number.
   */
  emitEvent<P>(name: string, payload: P): Result<u64> {
    return emitEvent<P>(this.libraryId, name, payload);
  }

  /** The last event of a name: this extension's, `imported`, or the host's, `app.import_done`. Its number is 0 where there was none. */
  lastEvent(name: string): Result<LibraryEvent> {
    return lastEvent(this.libraryId, name);
  }

  /** A line in the host's log, at level info. */
  log(message: string): void {
    log.info(message);
  }

  logDebug(message: string): void {
    log.debug(message);
  }

  logWarn(message: string): void {
    log.warn(message);
  }

  logError(message: string): void {
    log.error(message);
  }
}

/**
 * The context of an export that the host calls bare, by `plugin.call(...)`: it names no library, so that an instance
 * which serves one library works on that one.
 */
export function currentContext(): ExtensionContext {
  return new ExtensionContext(null, "host");
}
