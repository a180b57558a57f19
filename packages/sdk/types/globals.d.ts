// Decorators need no import: the transform finds them by name. Here is what their arguments and places must be.

type SpacedriveClass = abstract new (...args: never) => unknown;
type SpacedriveResult = import("@spacedrive/sdk").Result<unknown>;
type SpacedriveJob = (ctx: import("@spacedrive/sdk").JobContext, state: never) => SpacedriveResult;
type SpacedriveOperation = (ctx: import("@spacedrive/sdk").ExtensionContext, input: never) => SpacedriveResult;
type SpacedriveMethod<F> = (target: SpacedriveClass, key: string, descriptor: TypedPropertyDescriptor<F>) => void;

/** Every field of the manifest, in camelCase. */
interface SpacedriveManifest {
  /** Lower-case letters, digits, - and _; the name of the extension's folder. */
  id: string;
  /** Name for people. */
  name: string;
  version: string;
  description?: string;
  author?: string;
  homepage?: string;
  /** Default: `build/<id>.wasm`. */
  wasmFile?: string;
  permissions?: {
    /** What the extension asks to call: "vdfs.", "ai.ocr", "query:". */
    methods?: string[];
    /** "*" for all, or UUIDs. */
    libraries?: string[];
    rateLimits?: { requestsPerMinute?: i32; concurrentJobs?: i32 };
    networkAccess?: string[];
    maxMemoryMb?: i32;
  };
  configSchema?: object;
}

interface SpacedriveOperationOptions {
  /** Default: the method's name, in snake_case. */
  name?: string;
  /** Default 1. */
  version?: i32;
  /** Default "library". */
  scope?: "library" | "host";
  description?: string;
}

/** The one class of an extension: its handlers are static methods of it. */
declare function extension(manifest: SpacedriveManifest): (target: SpacedriveClass) => void;

/** A class that JSON can carry: a state, an input, an output, or a part of one. */
declare function json(target: SpacedriveClass): void;
/** The name that JSON has for a field. */
declare function rename(key: string): (target: object, key: string) => void;
/** A field that JSON does not have. */
declare function skip(target: object, key: string): void;

/** A durable job. Its state is read from the parameters at first, and from the last checkpoint later. */
declare function job(name: string): SpacedriveMethod<SpacedriveJob>;
declare function job(options: {
  name?: string;
  /** False: a crash ends it in failed, and pause is refused. Default true. */
  resumable?: boolean;
}): SpacedriveMethod<SpacedriveJob>;

/** An operation that only looks. It may call only queries. */
declare function query(name: string): SpacedriveMethod<SpacedriveOperation>;
declare function query(options: SpacedriveOperationOptions): SpacedriveMethod<SpacedriveOperation>;

/** An operation that changes something. */
declare function action(name: string): SpacedriveMethod<SpacedriveOperation>;
declare function action(options: SpacedriveOperationOptions): SpacedriveMethod<SpacedriveOperation>;

// AssemblyScript's own types leave out iteration; the transform brings `for (const x of items)`.
interface IteratorResult<T> {
  done: boolean;
  value: T;
}
interface Iterator<T> {
  next(): IteratorResult<T>;
}
interface Iterable<T> {
  [Symbol.iterator](): Iterator<T>;
}
interface IterableIterator<T> extends Iterator<T> {
  [Symbol.iterator](): IterableIterator<T>;
}
interface Array<T> {
  [Symbol.iterator](): IterableIterator<T>;
}
interface StaticArray<T> {
  [Symbol.iterator](): IterableIterator<T>;
}
interface TypedArray<T> {
  [Symbol.iterator](): IterableIterator<T>;
}
interface String {
  [Symbol.iterator](): IterableIterator<string>;
}
