/* oxlint-disable typescript/triple-slash-reference */
// What editors know of the SDK. Made by hand: pointing `types` at the AssemblyScript sources floods an editor with
// errors that are none. test/editor-types.test.ts keeps the names equal to those of assembly/index.ts.

/// <reference types="assemblyscript/std/types/assembly/index.d.ts" />
/// <reference path="./globals.d.ts" />

// ---- results

/** Why something did not happen: match on `code`, show `message`. */
export declare class Failure {
  constructor(code: string, message: string, retryable?: bool, details?: JsonValue | null);
  /** One of the codes in docs/errors.md. */
  readonly code: string;
  /** What failed and what to do, for people. */
  readonly message: string;
  /** True where the same call may succeed later. */
  readonly retryable: boolean;
  /** The host's whole error envelope, where the failure came from the host. */
  readonly details: JsonValue | null;
  toString(): string;
}

/** A value, or the reason why there is none. `orReturn(result)` gives the value, or ends the function with the failure. */
export declare class Result<T> {
  constructor(failure: Failure | null);
  static ok<T>(value: T): Result<T>;
  static fail<T>(code: string, message: string, retryable?: bool): Result<T>;
  /** Null for success. */
  readonly failure: Failure | null;
  readonly ok: boolean;
  readonly failed: boolean;
  /** The value. Of a failed result this is a bug, and traps. */
  readonly value: T;
  /** The failure. Of a successful result this is a bug, and traps. */
  readonly error: Failure;
  /** The value, or `fallback` if there is none. */
  or(fallback: T): T;
  /** The same failure as the result of a function that gives another type. */
  failureOf<U>(): Result<U>;
}

/** Success without a value. */
export declare function done(): Result<void>;
/** Success with a value; for a job, its result. */
export declare function done<T>(value: T): Result<T>;
/** Failure with a code of docs/errors.md. */
export declare function fail<T>(code: string, message: string, retryable?: bool): Result<T>;
/**
 * The value of a result; a failure ends the enclosing function, which must return a Result. Not in the condition of a
 * loop, and not behind `&&`, `||` or `?:`.
 */
export declare function orReturn<T>(result: Result<T>): T;

/** The codes that the SDK itself makes; the host's are in docs/errors.md. */
export declare namespace codes {
  const NOT_FOUND: string;
  const INVALID_INPUT: string;
  const INVALID_STATE: string;
  const PERMISSION_DENIED: string;
  const PAYLOAD_TOO_LARGE: string;
  const CANCELLED: string;
  const OPERATION_FAILED: string;
  const INTERRUPTED: string;
  const SUSPENDED: string;
}

// ---- contexts

/** What an operation works with: the library it is asked about, and everything the host can do. */
export declare class ExtensionContext {
  constructor(libraryId: Uuid | null, caller: string);
  /** The library; null where the call names none, as in `onInit`. */
  readonly libraryId: Uuid | null;
  /** Who asks. */
  readonly caller: string;
  /** Files, sidecars and metadata. */
  vdfs(): VdfsClient;
  /** Background jobs. */
  jobs(): JobClient;
  /** Calls any operation by its method string: `query:test.ping.v1`, `action:vdfs.write_sidecar.input.v1`. */
  call<I, O>(method: string, input: I): Result<O>;
  /**
   * Tells the library that something has happened, and wakes the jobs that wait for it. The name is this extension's own: `imported`
   * is `<extension>:imported` to others. Gives the event's number.
   */
  emitEvent<P>(name: string, payload: P): Result<u64>;
  /** The last event of a name: this extension's, `imported`, or the host's, `app.import_done`. Its number is 0 where there was none. */
  lastEvent(name: string): Result<LibraryEvent>;
  /** A line in the host's log, at level info. */
  log(message: string): void;
  logDebug(message: string): void;
  logWarn(message: string): void;
  logError(message: string): void;
}

/** The last event of a name. */
export declare class LibraryEvent {
  /** Counts the events of this name; 0: there was none yet. */
  number: u64;
  /** What was told with it: `event.payload.as<T>()`. JSON null where nothing was. */
  payload: JsonValue;
  /** In milliseconds since the epoch. */
  at_unix_ms: u64;
}

/** What a job works with: all of an ExtensionContext, and its own progress, checkpoints and metrics. */
export declare class JobContext extends ExtensionContext {
  constructor(jobId: Uuid, libraryId: Uuid | null);
  readonly jobId: Uuid;
  /** @param progress from 0 to 1 */
  reportProgress(progress: f32, message: string): void;
  /** Makes the state durable: after a crash, pause or restart the job goes on from here. */
  checkpoint<S>(state: S): Result<void>;
  /** True once the job has been asked to pause or cancel. */
  checkInterrupt(): boolean;
  /** Fails once the job has been asked to pause or cancel: `orReturn(ctx.interrupted())` in a loop is all that a job needs. */
  interrupted(): Result<void>;
  /**
   * Ends the attempt for at least so long: `return ctx.sleep(ms)`. The state is checkpointed by itself, the memory given back, and the
   * job begins again with that state: note in it that it has slept.
   */
  sleep(milliseconds: u64): Result<void>;
  /** The same until a time of day, in milliseconds since the epoch. */
  sleepUntil(unixMilliseconds: u64): Result<void>;
  /** The same until all jobs that this one has spawned have ended, in whichever way. */
  waitForChildren(): Result<void>;
  /** The same until these of them have. */
  waitFor(children: Uuid[]): Result<void>;
  /**
   * The same until an event that is emitted from now on: this extension's, `imported`, or the host's, `app.import_done`. Not longer
   * than `timeoutMs`, where that is not 0; `ctx.lastEvent(name)` tells what has come.
   */
  waitForEvent(name: string, timeoutMs?: u64): Result<void>;
  /** The same for an event whose number is above this one, also where it has been emitted already. */
  waitForEventAfter(name: string, number: u64, timeoutMs?: u64): Result<void>;
  /** A problem that does not end the job; kept with it. */
  addWarning(message: string): void;
  incrementBytes(bytes: u64): void;
  incrementItems(items: u64): void;
}

/** The context of an export that the host calls bare, by `plugin.call(...)`. */
export declare function currentContext(): ExtensionContext;

/** Calls an operation. `libraryId` null: the library that this instance works for, or none. */
export declare function callOperation<I, O>(libraryId: Uuid | null, method: string, input: I): Result<O>;

// ---- files

/** A thing in a library: a file, a directory, or what an extension has made. */
export declare class Entry {
  id: Uuid;
  name: string;
  path: string;
  /** `file`, `directory`, or a type of an extension's own. */
  entry_type: string;
  location_id: Uuid | null;
  /** Of a file, in bytes. */
  size: u64;
  /** What extensions have noted about it: `metadata.get("words")`, or `metadata.as<MyClass>()`. */
  metadata: JsonValue;
}

/** What `createEntry` makes an entry of. */
export declare class NewEntry {
  name: string;
  path: string;
  entry_type: string;
  metadata: JsonValue | null;
}

/** Which entries to list. What is null is not asked for. */
export declare class EntryFilter {
  location_id: Uuid | null;
  entry_type: string | null;
  /** Only what lies below this path. */
  under: string | null;
  /** Path of the last entry of the page before, and its id where no location is asked for. */
  after: string | null;
  after_id: Uuid | null;
  limit: u32;
}

/** A part of a file. */
export declare class FilePart {
  data: Uint8Array;
  /** Of the whole file, in bytes. */
  size: u64;
}

/** The files, sidecars and metadata of a library. */
export declare class VdfsClient {
  constructor(libraryId: Uuid | null);
  createEntry(entry: NewEntry): Result<Entry>;
  getEntry(entryId: Uuid): Result<Entry>;
  /** All entries of a location; fails with `REPLY_TOO_LARGE` where there are more than 50,000: then ask for pages. */
  listEntries(locationId: Uuid): Result<Entry[]>;
  /** One page of entries, ordered by path and then by id: the next one is `after` its last path. An empty one is the last. */
  listPage(filter: EntryFilter): Result<Entry[]>;
  /** Merges the fields of an object (a @json class, a Map or a JsonValue) into the entry's metadata. */
  updateMetadata<T>(entryId: Uuid, metadata: T): Result<void>;
  /** Writes (or replaces) the file `filename` beside an entry. */
  writeSidecar(entryId: Uuid, filename: string, data: Uint8Array): Result<void>;
  /** The same with the JSON of a value. */
  writeJsonSidecar<T>(entryId: Uuid, filename: string, value: T): Result<void>;
  readSidecar(entryId: Uuid, filename: string): Result<Uint8Array>;
  /** The value whose JSON a sidecar holds. */
  readJsonSidecar<T>(entryId: Uuid, filename: string): Result<T>;
  /** The bytes of a file from `offset` on, at most `length`. */
  readFilePart(entryId: Uuid, offset: u64, length: u64): Result<FilePart>;
  /** The bytes of a file; fails with `PAYLOAD_TOO_LARGE` where there are more than `maxBytes` (64 MiB). */
  readFile(entryId: Uuid, maxBytes?: u64): Result<Uint8Array>;
}

// ---- jobs

/** How a job stands. */
export declare class JobInfo {
  job_id: Uuid;
  /** `<extension>:<job>`. */
  job_type: string;
  /** `queued`, `running`, `paused`, `suspended`, `completed`, `failed` or `cancelled`. */
  status: string;
  /** 0 to 1. */
  progress: f32;
  message: string;
  warnings: string[];
  /** What the job answered, once it has. Not in lists. */
  result: JsonValue | null;
  /** Why it failed, where it did: an object with `code` and `message`. */
  failure: JsonValue | null;
  /** True once nothing more will happen by itself. */
  readonly ended: boolean;
}

/** Background jobs: this extension's own, another's, or the host's. */
export declare class JobClient {
  constructor(libraryId: Uuid | null);
  /** Starts a job of the type `<extension>:<job>`; its parameters are its first state. Gives its id. */
  dispatch<P>(jobType: string, params: P): Result<Uuid>;
  /** From a job: starts a child of it, which is cancelled with it, and for which `ctx.waitForChildren()` waits. Gives its id. */
  spawn<P>(jobType: string, params: P): Result<Uuid>;
  /** The same for up to 1,000 at once: one child for each of `params`. Gives their ids, in the same order. */
  spawnMany<P>(jobType: string, params: P[]): Result<Uuid[]>;
  getStatus(jobId: Uuid): Result<JobInfo>;
  pause(jobId: Uuid): Result<void>;
  resume(jobId: Uuid): Result<void>;
  cancel(jobId: Uuid): Result<void>;
  /** Starts a failed job again, from its last checkpoint. */
  retry(jobId: Uuid): Result<void>;
  /** The library's jobs, newest first. */
  list(): Result<JobInfo[]>;
}

// ---- values

/** The id of a library, an entry, a location or a job. In JSON it is text. */
export declare class Uuid {
  static parse(text: string): Result<Uuid>;
  /** A new random UUID (version 4), from the host's randomness. */
  static random(): Result<Uuid>;
  readonly isNil: boolean;
  equals(other: Uuid): boolean;
  toString(): string;
}

/** What a JSON value is. */
export declare enum JsonKind {
  Null,
  Bool,
  Number,
  String,
  Array,
  Object,
}

/** Any JSON value, for objects whose shape the author does not fix. */
export declare class JsonValue {
  constructor();
  static parse(text: string): Result<JsonValue>;
  /** The JSON of a value of any type that JSON can carry. */
  static from<T>(value: T): Result<JsonValue>;
  readonly kind: JsonKind;
  readonly isNull: boolean;
  /** How many items or keys there are. */
  readonly length: i32;
  /** The value of an object's key; null where there is none. */
  get(key: string): JsonValue | null;
  /** An array's item; null where there is none. */
  at(index: i32): JsonValue | null;
  keys(): string[];
  /** The value as a type that JSON can carry. */
  as<T>(): Result<T>;
  /** The JSON text. */
  toString(): string;
}

/** JSON text to and from values of any type that JSON can carry: numbers, strings, arrays, maps, @json classes. */
export declare namespace Json {
  /** Fails with `INVALID_INPUT`, naming the place: `items[3].size: expected a number, found a string`. */
  function parse<T>(text: string): Result<T>;
  /** Fails for what JSON cannot carry: NaN, a required field that was never set, a cycle. */
  function stringify<T>(value: T): Result<string>;
}

/** Base64: how bytes travel in JSON. */
export declare namespace base64 {
  function encode(bytes: Uint8Array): string;
  function decode(text: string): Result<Uint8Array>;
}

/** Text without RegExp. */
export declare namespace text {
  /** The lines of a text, without their line ends. A last line that is empty is left out. */
  function lines(source: string): string[];
  /** The words of a text: runs of letters, digits and `_`, and apostrophes inside them. */
  function words(source: string): string[];
  /** Folds case for comparison. */
  function fold(source: string): string;
  function equalsIgnoringCase(a: string, b: string): boolean;
  function trim(source: string): string;
  function isBlank(source: string): boolean;
  function join(parts: string[], separator: string): string;
  /** The parts between separators, trimmed; empty ones are left out. */
  function split(source: string, separator: string): string[];
  /** What stands before the first `separator`; the whole text where there is none. */
  function before(source: string, separator: string): string;
  /** What stands after the first `separator`; nothing where there is none. */
  function after(source: string, separator: string): string;
  /** What stands between `open` and the next `close`; null where they are not both there. */
  function between(source: string, open: string, close: string): string | null;
  /** A file name's extension in lower case, without its dot. */
  function extensionOf(name: string): string;
  /** True for the code points that make up words. */
  function isWordPoint(point: i32): boolean;
  function isApostrophe(point: i32): boolean;
  /** The length of the UTF-8 sequence at an address, 0 where it is not one. */
  function sequenceLength(at: usize, end: usize): usize;
}

// ---- host

/** Lines in the host's log. */
export declare namespace log {
  function debug(message: string): void;
  function info(message: string): void;
  function warn(message: string): void;
  function error(message: string): void;
}

/** The host's clock in milliseconds since 1970, UTC. */
export declare function now(): Result<i64>;
/** Random bytes from the host, fit for keys. */
export declare function randomBytes(count: i32): Result<Uint8Array>;
/** A random number from 0 up to, but not including, 1. */
export declare function random(): Result<f64>;
