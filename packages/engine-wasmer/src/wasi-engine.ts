import { createRequire } from "node:module";
import type { ResourceLimits } from "node:worker_threads";
import { pathToFileURL } from "node:url";
import { createThreadEngine, type GuestEngine } from "@spacedrive/runtime/engine";
import { checkNumber, type Clock, SpacedriveError, WAIT_MS } from "@spacedrive/wire";
import { createAdmission } from "./admission/admit-command.js";
import { chooseTransport, installedSdkVersion, type WasiTransport } from "./choose-transport.js";

export interface WasiEngineOptions {
  /**
   * Default: `"wasmer"` where the peer `@wasmer/sdk` is installed in its version, else `"shim"`; with a `workerUrl` `"shim"`. The
   * engine's name says which.
   */
  readonly transport?: WasiTransport;
  /** The file of the transport's worker; needed where a bundler has moved it. Default: this package's `./worker` or `./wasmer-worker`. */
  readonly workerUrl?: URL;
  /** Threads kept warm for the next starts, from the first start on; on `"wasmer"` each holds some 34 MB. Default 1. */
  readonly spareThreads?: number;
  /** V8's limits for a guest thread's own heap; they do not see wasm memory. Default 16 / 2 / 4 MB, on `"wasmer"` 64 / 16 / 4 MB. */
  readonly resourceLimits?: ResourceLimits;
  /** As of the worker engine: true leaves V8's dynamic tiering on for the process, and guests that cannot be stopped. Default false. */
  readonly dynamicTiering?: boolean;
  /**
   * Milliseconds that a command which is not needed any more has to end by itself: its standard input ends, and it can only log.
   * Default 2,000; 0 stops it at once.
   */
  readonly endMs?: number;
  /** By which a job's silence is measured, beside real time. Default: the system's. */
  readonly clock?: Clock;
}

/**
 * WASI preview1 commands as guests, each in a worker thread of its own that can be stopped at any moment. For
 * `PluginManager`'s option `engines: { wasi: createWasiEngine() }`.
 *
 * @throws SpacedriveError `NOT_FOUND` where the worker's file cannot be found, or the SDK that was asked for, `INVALID_INPUT` where an
 * option is none that can be kept.
 */
export function createWasiEngine(options: WasiEngineOptions = {}): GuestEngine {
  const { transport: asked, workerUrl } = options;
  if (asked !== undefined && asked !== "shim" && asked !== "wasmer") {
    throw new SpacedriveError(
      "INVALID_INPUT",
      `The engine's transport is "shim" or "wasmer", and not "${String(asked)}".`,
    );
  }
  // Beside a worker that was copied the SDK may be installed, or not: what is beside this file says nothing of it.
  const transport = workerUrl === undefined ? chooseTransport(asked, installedSdkVersion()) : (asked ?? "shim");
  const endMs = checkNumber("The engine's endMs", options.endMs ?? DEFAULT_END_MS, { ...WAIT_MS, least: 0 });
  return createThreadEngine({
    ...(transport === "wasmer" ? { resourceLimits: WASMER_RESOURCE_LIMITS } : {}),
    ...options,
    name: `wasi (${transport})`,
    workerUrl: workerUrl ?? defaultWorkerUrl(transport === "wasmer" ? "wasmer-worker" : "worker"),
    admit: createAdmission(transport === "wasmer", endMs),
  });
}

const DEFAULT_END_MS = 2_000;

const WASMER_RESOURCE_LIMITS: ResourceLimits = {
  maxOldGenerationSizeMb: 64,
  maxYoungGenerationSizeMb: 16,
  stackSizeMb: 4,
};

function defaultWorkerUrl(file: "worker" | "wasmer-worker"): URL {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve(`@spacedrive/engine-wasmer/${file}`));
  } catch (cause) {
    throw new SpacedriveError(
      "NOT_FOUND",
      `The WASI worker's file was not found. Copy "@spacedrive/engine-wasmer/${file}" beside the bundled program, and pass its URL as the option workerUrl.`,
      { cause },
    );
  }
}
