import type { ResourceLimits } from "node:worker_threads";
import { setFlagsFromString } from "node:v8";
import { checkNumber, type Clock, COUNT, SpacedriveError, systemClock, WAIT_MS } from "@spacedrive/wire";
import { capModule } from "../../abi/cap-module.js";
import { checkModule } from "../../abi/check-module.js";
import { describeShape, moduleInvalid, openModuleInTurns } from "../../abi/describe-module.js";
import type { ModuleShape } from "../../abi/module-shape.js";
import { GuestStackReader } from "../../abi/guest-stack.js";
import { takeTypes } from "../../abi/type-budget.js";
import type { CompileOptions, Guest, GuestDescription, GuestEngine, GuestModule, HostCalls } from "../guest.js";
import type { GuestLimits } from "../limits.js";
import { defaultWorkerUrl } from "./default-worker-url.js";
import { ThreadPool } from "./thread-pool.js";
import { Ticker } from "./ticker.js";
import { type GuestIdentity, WorkerGuest } from "./worker-guest.js";

export interface WorkerEngineOptions {
  /** The worker's file; needed where a bundler has moved it. Default: this package's `./worker`. */
  readonly workerUrl?: URL;
  /** Threads kept warm for the next starts, from the first start on. Default 1. */
  readonly spareThreads?: number;
  /** Milliseconds for which a thread that has run an instance waits for another one, beside the spares. Default 10,000. */
  readonly keepThreadMs?: number;
  /** V8's limits for a guest thread's own heap; they do not see wasm memory. Default 16 / 2 / 4 MB. */
  readonly resourceLimits?: ResourceLimits;
  /**
   * True leaves V8's dynamic tiering on for the process. Default false: the constructor turns it off with
   * `--no-wasm-dynamic-tiering`, without which a guest that loops over one large `memory.fill` can run on for minutes
   * after it has been terminated, and hold the process's exit.
   */
  readonly dynamicTiering?: boolean;
  /** By which a job's silence is measured, beside real time; calls and starts have real time only. Default: the system's. */
  readonly clock?: Clock;
}

const DEFAULT_RESOURCE_LIMITS: ResourceLimits = {
  maxOldGenerationSizeMb: 16,
  maxYoungGenerationSizeMb: 2,
  stackSizeMb: 4,
};

/** Each is a thread that does nothing. */
const SPARES = { ...COUNT, most: 1_000 };

/**
 * Guests as core-wasm instances, each in a worker thread of its own that can be stopped at any moment.
 *
 * @throws SpacedriveError `NOT_FOUND` where the worker's file cannot be found, `INVALID_INPUT` where a number among the options cannot
 * be kept.
 */
export function createWorkerEngine(options: WorkerEngineOptions = {}): GuestEngine {
  return new WorkerEngine(options, "worker", admitCoreModule);
}

/** A checked and compiled module: what its instances share, and what can be said of it. */
export interface AdmittedModule {
  readonly identity: GuestIdentity;
  readonly description: GuestDescription;
}

/**
 * Checks a module, caps its memory and tables, and compiles it.
 *
 * @throws SpacedriveError `MODULE_INVALID`.
 */
export type AdmitModule = (
  name: string,
  bytes: Uint8Array,
  limits: GuestLimits,
  options: CompileOptions,
) => Promise<AdmittedModule>;

export interface ThreadEngineOptions extends WorkerEngineOptions {
  readonly name: string;
  /** The file that each thread runs: it answers the host's commands on a `GuestEnd`. */
  readonly workerUrl: URL;
  readonly admit: AdmitModule;
}

/** Guests of another kind in threads like those of the worker engine, with the same limits and the same end of each call. */
export function createThreadEngine(options: ThreadEngineOptions): GuestEngine {
  return new WorkerEngine(options, options.name, options.admit);
}

class WorkerEngine implements GuestEngine {
  readonly name: string;
  readonly #admit: AdmitModule;
  readonly #pool: ThreadPool;
  readonly #ticker = new Ticker();
  readonly #guests = new Set<WorkerGuest>();
  readonly #clock: Clock;
  #closed = false;

  constructor(options: WorkerEngineOptions, name: string, admit: AdmitModule) {
    this.name = name;
    this.#admit = admit;
    // Before the first compile: what is compiled already keeps its tier.
    if (options.dynamicTiering !== true) setFlagsFromString("--no-wasm-dynamic-tiering");
    this.#clock = options.clock ?? systemClock;
    const { spareThreads = 1, keepThreadMs = 10_000 } = options;
    this.#pool = new ThreadPool({
      workerUrl: options.workerUrl ?? defaultWorkerUrl(),
      resourceLimits: options.resourceLimits ?? DEFAULT_RESOURCE_LIMITS,
      spareThreads: checkNumber("The engine's spareThreads", spareThreads, SPARES),
      keepMs: checkNumber("The engine's keepThreadMs", keepThreadMs, { ...WAIT_MS, least: 0 }),
    });
  }

  expectStart(): Disposable {
    return this.#pool.expect();
  }

  async compile(
    name: string,
    bytes: Uint8Array,
    limits: GuestLimits,
    options: CompileOptions = {},
  ): Promise<GuestModule> {
    this.#open();
    if (bytes.length > limits.maxModuleBytes) {
      throw moduleInvalid(
        name,
        `The wasm file has ${bytes.length} bytes and ${limits.maxModuleBytes} are allowed (maxModuleBytes).`,
      );
    }
    const { identity, description } = await this.#admit(name, bytes, limits, options);
    return new WorkerModule(description, (host, signal) => this.#start(identity, host, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#guests].map((guest) => guest[Symbol.asyncDispose]()));
    this.#ticker.close();
    await this.#pool.close();
  }

  async #start(identity: GuestIdentity, host: HostCalls, signal: AbortSignal | undefined): Promise<Guest> {
    this.#open();
    const guest = new WorkerGuest({ identity, host, pool: this.#pool, ticker: this.#ticker, clock: this.#clock });
    this.#guests.add(guest);
    void guest.gone.then(() => this.#guests.delete(guest));
    try {
      await guest.start(signal);
    } finally {
      // Later: making a thread takes a millisecond here, which whoever waits for this start should not pay.
      setImmediate(() => this.#pool.fill()).unref();
    }
    return guest;
  }

  #open(): void {
    if (this.#closed) throw new SpacedriveError("CLOSED", "The guest engine has been closed.");
  }
}

/** Core wasm against the ABI. */
async function admitCoreModule(
  name: string,
  bytes: Uint8Array,
  limits: GuestLimits,
  options: CompileOptions,
): Promise<AdmittedModule> {
  const shape = await openModuleInTurns(bytes, name, limits);
  const problems = checkModule(shape, limits);
  if (problems.length > 0) throw moduleInvalid(name, problems.join(" "));
  const { bytes: _capped, ...compiled } = await compileCapped(name, bytes, shape, limits, options);
  const description = describeShape(shape);
  return {
    identity: { ...compiled, exports: new Map(description.exports.map((one) => [one.name, one.signature])) },
    description,
  };
}

/** Caps a checked module, and compiles it: what of an identity is the same for every kind of guest. */
export async function compileCapped(
  name: string,
  bytes: Uint8Array,
  shape: ModuleShape,
  limits: GuestLimits,
  options: CompileOptions,
): Promise<Omit<GuestIdentity, "exports"> & { readonly bytes: Uint8Array }> {
  if (!takeTypes(shape.types)) {
    throw moduleInvalid(
      name,
      "This process has compiled as many different function types as it can bear. Start the host anew, and remove the extension whose versions bring thousands of them.",
    );
  }
  const capped = capModule(bytes, shape, limits);
  // That copied the module once; the compiler copies it again, in a turn of its own.
  await new Promise<void>((resolve) => setImmediate(resolve));
  // Its error is no cause: it quotes the module's own names as they are.
  const module = await WebAssembly.compile(capped.bytes).catch((refusal: unknown) => {
    throw moduleInvalid(
      name,
      `The compiler refuses it: ${refusal instanceof Error ? refusal.message : String(refusal)}.`,
    );
  });
  const stackReader = new GuestStackReader(options.sourceMap ?? null, capped.shift, shape.bodyStarts);
  return { name, module, bytes: capped.bytes, maxPages: capped.maxPages, limits, stackReader };
}

class WorkerModule implements GuestModule {
  readonly description: GuestDescription;
  readonly #start: (host: HostCalls, signal: AbortSignal | undefined) => Promise<Guest>;

  constructor(
    description: GuestDescription,
    start: (host: HostCalls, signal: AbortSignal | undefined) => Promise<Guest>,
  ) {
    this.description = description;
    this.#start = start;
  }

  start(host: HostCalls, options: { readonly signal?: AbortSignal } = {}): Promise<Guest> {
    return this.#start(host, options.signal);
  }
}
