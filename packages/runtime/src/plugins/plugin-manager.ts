import { EventEmitter } from "node:events";
import path from "node:path";
import {
  type Clock,
  isExtensionId,
  isSpacedriveError,
  type Logger,
  type Registration,
  SpacedriveError,
  toSpacedriveError,
  type Wire,
} from "@spacedrive/wire";
import type { GuestEngine } from "../guest/guest.js";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../guest/limits.js";
import { createWorkerEngine } from "../guest/worker/worker-engine.js";
import { hostOperations } from "../host/host-operations.js";
import type { Decision } from "../permissions/decision.js";
import { GateSwitch } from "../permissions/gate-switch.js";
import type { GrantsPolicy } from "../permissions/grants.js";
import { Exclusive } from "./exclusive.js";
import { LoadedVersion } from "./loaded-version.js";
import type { Manifest } from "./manifest/manifest-schema.js";
import { manifestInvalid } from "./manifest/parse-manifest.js";
import { MANIFEST_FILE, readManifest } from "./manifest/read-manifest.js";
import type { Plugin, PluginCallOptions } from "./plugin.js";
import type { PluginEvents } from "./plugin-events.js";
import type { JobRegistrar, PluginHost } from "./plugin-host.js";
import { PluginRegistration } from "./plugin-registration.js";

export interface PluginManagerOptions {
  /** Folder of the extensions: `load("finance")` looks in its folder `finance`. */
  readonly dir: string;
  /** Where extensions call operations, and register their own. */
  readonly wire: Wire;
  /** Runs extensions' jobs, such as a `JobManager`. Without it extensions that have jobs are refused. */
  readonly jobs?: JobRegistrar;
  /** Decides what each extension is granted. Required: nothing is allowed by default. */
  readonly grants: GrantsPolicy;
  /** Default: the wire's, which is silent by default. */
  readonly logger?: Logger;
  /** What bounds each guest; a manifest can only lower its memory. Default: {@link DEFAULT_GUEST_LIMITS}. */
  readonly limits?: Partial<GuestLimits>;
  /** Runs the guests; the manager does not close it. Default: a worker engine of its own. */
  readonly engine?: GuestEngine;
  /** Where a bundler has put the worker of the default engine. */
  readonly workerUrl?: URL;
  /** True declines the process-wide V8 flag that makes every guest killable; see the README. Default false. */
  readonly dynamicTiering?: boolean;
  /** Told of every decision on a call of an extension: an audit log. */
  readonly onDecision?: (decision: Decision) => void;
  /** Default: the wire's. */
  readonly clock?: Clock;
  /** Milliseconds for which an instance without work is kept. Default 60,000. */
  readonly idleMs?: number;
  /** Calls that may wait for one instance; one more answers `BUSY`. Default 256. */
  readonly maxQueuedCalls?: number;
  /** Milliseconds that `plugin_cleanup` may take. Default 2,000. */
  readonly cleanupTimeoutMs?: number;
  /** Milliseconds that calls to a version which was replaced have to end. Default 5,000. */
  readonly shutdownMs?: number;
}

/** Calls of extensions to an extension inside one another; enough for any honest nesting. */
const MAX_NESTED_CALLS = 8;

interface Loaded {
  readonly gates: GateSwitch;
  readonly gateRegistration: Registration;
  readonly plugin: Plugin;
  version: LoadedVersion;
  registration: PluginRegistration;
}

/** Loads extensions, and takes them away again. */
export class PluginManager implements AsyncDisposable {
  /** `plugin-loaded`, `plugin-unloaded`, `plugin-reloaded`, `plugin-failed`. */
  readonly events = new EventEmitter<PluginEvents>();
  readonly #dir: string;
  readonly #host: PluginHost;
  readonly #ownEngine: GuestEngine | null;
  readonly #hostOperations: readonly Registration[];
  readonly #loaded = new Map<string, Loaded>();
  readonly #exclusive = new Exclusive();
  #closing: Promise<void> | null = null;

  constructor(options: PluginManagerOptions) {
    const { wire, onDecision } = options;
    const logger = options.logger ?? wire.logger;
    const clock = options.clock ?? wire.clock;
    this.#dir = path.resolve(options.dir);
    const engine = options.engine ?? createOwnEngine(options);
    this.#ownEngine = options.engine === undefined ? engine : null;
    this.#host = {
      wire,
      jobs: options.jobs ?? null,
      engine,
      grants: options.grants,
      limits: { ...DEFAULT_GUEST_LIMITS, ...options.limits },
      logger,
      clock,
      idleMs: options.idleMs ?? 60_000,
      maxQueuedCalls: options.maxQueuedCalls ?? 256,
      maxNestedCalls: MAX_NESTED_CALLS,
      cleanupTimeoutMs: options.cleanupTimeoutMs ?? 2_000,
      shutdownMs: options.shutdownMs ?? 5_000,
      onDecision: (decision) => {
        try {
          onDecision?.(decision);
        } catch (error) {
          logger.error({ extension: decision.extension, err: error }, "onDecision failed");
        }
      },
    };
    this.#hostOperations = registerHostOperations(wire, clock);
  }

  /**
   * Loads the extension in the folder `<dir>/<id>`: manifest → checks → grants → compile → instantiate → `plugin_init` →
   * registrations. A load that fails leaves nothing behind.
   *
   * @throws SpacedriveError `INVALID_INPUT` where the id is not one, `EXTENSION_NOT_FOUND`, `ALREADY_LOADED`,
   * `MANIFEST_INVALID`, `PATH_DENIED`, `PERMISSION_DENIED`, `MODULE_INVALID`, `ABI_UNSUPPORTED`, `INIT_FAILED`,
   * `REGISTRATION_REFUSED`, `GUEST_MEMORY_LIMIT`, `CLOSED`.
   */
  async load(id: string): Promise<Plugin> {
    this.#checkOpen();
    checkId(id);
    return this.#exclusive.run(id, () => this.#load(id, path.join(this.#dir, id), null));
  }

  /**
   * Loads the extension in a folder of any name and place: for tools that work on one extension.
   *
   * @throws SpacedriveError as {@link load}.
   */
  async loadFolder(folder: string): Promise<Plugin> {
    this.#checkOpen();
    const absolute = path.resolve(folder);
    const manifest = await readManifest(absolute);
    return this.#exclusive.run(manifest.id, () => this.#load(manifest.id, absolute, manifest));
  }

  /**
   * Takes an extension away: its operations, jobs and gate are unregistered, calls under way settle with `UNLOADED`, running
   * jobs are interrupted and wait for its return, and `plugin_cleanup` runs within its deadline.
   *
   * @throws SpacedriveError `EXTENSION_NOT_LOADED`.
   */
  async unload(id: string): Promise<void> {
    return this.#exclusive.run(id, () => this.#unload(id));
  }

  /**
   * Replaces a loaded extension by what its folder holds now. The new version has started before the old one goes; if it
   * fails, the old one keeps serving. Running jobs go on from their checkpoints in the new version.
   *
   * @throws SpacedriveError `EXTENSION_NOT_LOADED`, `RELOAD_FAILED` with the reason as `cause`.
   */
  async reload(id: string): Promise<Plugin> {
    this.#checkOpen();
    return this.#exclusive.run(id, () => this.#reload(id));
  }

  /** The loaded extensions, by id. */
  list(): Plugin[] {
    return [...this.#loaded.values()].map(({ plugin }) => plugin).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** A loaded extension, or null. */
  get(id: string): Plugin | null {
    return this.#loaded.get(id)?.plugin ?? null;
  }

  /** @throws SpacedriveError `EXTENSION_NOT_LOADED`. */
  manifest(id: string): Manifest {
    return this.#find(id).version.manifest;
  }

  /**
   * Calls an export `() -> ()` or `() -> i32` of a loaded extension, and answers what it returned (0 for nothing).
   *
   * @throws SpacedriveError as {@link Plugin.call}.
   */
  async call(id: string, exportName: string, options?: PluginCallOptions): Promise<number> {
    return this.#find(id).version.call(exportName, options);
  }

  /** Unloads everything and takes the `host.*` operations back. Twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(id: string, folder: string, read: Manifest | null): Promise<Plugin> {
    this.#checkOpen();
    if (this.#loaded.has(id)) {
      throw new SpacedriveError("ALREADY_LOADED", `"${id}" is loaded already. Use reload to replace it.`);
    }
    const { logger, wire } = this.#host;
    logger.info({ extension: id }, `Loading plugin: ${id}`);
    const gates = new GateSwitch();
    let gateRegistration: Registration | null = null;
    try {
      const manifest = read ?? (await readManifestOf(id, folder));
      gateRegistration = wire.registerGate(id, gates);
      const version = await LoadedVersion.start(this.#host, folder, manifest, gates);
      logger.info({ extension: id }, `Plugin ${id} initialized successfully`);
      gates.switchTo(version.gate);
      const registration = await this.#register(version);
      const loaded: Loaded = { gates, gateRegistration, plugin: this.#handle(id, version), version, registration };
      this.#loaded.set(id, loaded);
      logger.info({ extension: id, version: manifest.version }, `✓ Plugin ${id} loaded successfully`);
      this.#emit("plugin-loaded", { id, version: manifest.version });
      return loaded.plugin;
    } catch (thrown) {
      gateRegistration?.unregister();
      throw this.#failed(
        id,
        "load",
        toSpacedriveError(thrown, "INTERNAL", `"${id}" could not be loaded: the host's log has the cause.`),
      );
    }
  }

  async #register(version: LoadedVersion): Promise<PluginRegistration> {
    try {
      return PluginRegistration.of(this.#host, version);
    } catch (error) {
      await version.end(Promise.resolve());
      throw error;
    }
  }

  async #unload(id: string): Promise<void> {
    const loaded = this.#find(id);
    const { gateRegistration, registration, version } = loaded;
    this.#loaded.delete(id);
    await version.end(registration.unregister());
    gateRegistration.unregister();
    this.#host.logger.info({ extension: id }, `Plugin ${id} unloaded`);
    this.#emit("plugin-unloaded", { id, version: version.manifest.version });
  }

  async #reload(id: string): Promise<Plugin> {
    this.#checkOpen();
    const loaded = this.#find(id);
    const old = loaded.version;
    try {
      await this.#replace(loaded);
    } catch (cause) {
      const reason = isSpacedriveError(cause) ? cause.message : "the host's log has the cause.";
      const details = isSpacedriveError(cause) ? { cause_code: cause.code, ...cause.details } : {};
      throw this.#failed(
        id,
        "reload",
        new SpacedriveError(
          "RELOAD_FAILED",
          `"${id}" could not be reloaded, and version ${old.manifest.version} keeps serving: ${reason}`,
          {
            cause,
            details,
          },
        ),
      );
    }
    const { version } = loaded.version.manifest;
    this.#host.logger.info({ extension: id, version }, `Plugin ${id} reloaded`);
    this.#emit("plugin-reloaded", { id, version, previousVersion: old.manifest.version });
    return loaded.plugin;
  }

  async #replace(loaded: Loaded): Promise<void> {
    const { version: old, registration: oldRegistration, gates } = loaded;
    const { id } = old.manifest;
    const manifest = await readManifestOf(id, old.folder);
    const next = await LoadedVersion.start(this.#host, old.folder, manifest, gates);

    // From here to the end of the swap the loop gets no turn: no caller finds neither version, or both.
    const oldJobsEnded = oldRegistration.unregister();
    try {
      loaded.registration = PluginRegistration.of(this.#host, next);
    } catch (error) {
      loaded.registration = PluginRegistration.of(this.#host, old);
      await next.end(Promise.resolve());
      throw error;
    }
    loaded.version = next;
    gates.switchTo(next.gate);

    await old.drain();
    await old.end(oldJobsEnded);
  }

  async #close(): Promise<void> {
    await this.#exclusive.settled();
    await Promise.all([...this.#loaded.keys()].map((id) => this.unload(id)));
    for (const operation of this.#hostOperations) operation.unregister();
    await this.#ownEngine?.[Symbol.asyncDispose]();
  }

  #handle(id: string, first: LoadedVersion): Plugin {
    // After an unload the handle goes on to show what it showed last.
    let last = first;
    const version = (): LoadedVersion => (last = this.#loaded.get(id)?.version ?? last);
    return {
      id,
      get manifest() {
        return version().manifest;
      },
      get folder() {
        return version().folder;
      },
      get loadedAt() {
        return version().loadedAt;
      },
      get jobs() {
        return [...version().jobs.keys()];
      },
      get operations() {
        return version().methods;
      },
      call: (exportName, options) => this.call(id, exportName, options),
    };
  }

  #find(id: string): Loaded {
    const loaded = this.#loaded.get(id);
    if (loaded !== undefined) return loaded;
    const names = [...this.#loaded.keys()].sort().map((other) => `"${other}"`);
    const there = names.length === 0 ? "None is." : `Loaded: ${names.join(", ")}.`;
    throw new SpacedriveError("EXTENSION_NOT_LOADED", `Extension ${shownId(id)} is not loaded. ${there}`);
  }

  #failed(id: string, during: "load" | "reload", error: SpacedriveError): SpacedriveError {
    this.#host.logger.error({ extension: id, err: error }, `Plugin ${id} failed to ${during}: ${error.message}`);
    this.#emit("plugin-failed", { id, during, error });
    return error;
  }

  /** A listener's fault is its own. */
  #emit<Name extends keyof PluginEvents>(name: Name, ...event: PluginEvents[Name]): void {
    for (const listener of this.events.rawListeners(name)) {
      try {
        Reflect.apply(listener, this.events, event);
      } catch (error) {
        this.#host.logger.error({ err: error }, `a listener of "${name}" failed`);
      }
    }
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new SpacedriveError("CLOSED", "The plugin manager has been closed.");
  }
}

function createOwnEngine({ workerUrl, dynamicTiering }: PluginManagerOptions): GuestEngine {
  return createWorkerEngine({
    ...(workerUrl === undefined ? {} : { workerUrl }),
    ...(dynamicTiering === undefined ? {} : { dynamicTiering }),
  });
}

/** The `host.*` operations, unless the integrator has registered their own. */
function registerHostOperations(wire: Wire, clock: Clock): Registration[] {
  const registrations: Registration[] = [];
  for (const operation of hostOperations(clock)) {
    try {
      registrations.push(wire.register(operation));
    } catch (error) {
      if (!isSpacedriveError(error) || error.code !== "CONFLICT") throw error;
    }
  }
  return registrations;
}

/** The manifest in a folder, which must be that of `id`. */
async function readManifestOf(id: string, folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest.id === id) return manifest;
  throw manifestInvalid(path.join(folder, MANIFEST_FILE), [
    { path: "id", message: `says "${manifest.id}", and its folder is loaded as "${id}": name them alike` },
  ]);
}

function checkId(id: string): void {
  if (isExtensionId(id)) return;
  throw new SpacedriveError(
    "INVALID_INPUT",
    `${shownId(id)} is not an extension id: lower-case letters, digits, - and _ are expected, at most 64, and no path.`,
  );
}

function shownId(id: string): string {
  return JSON.stringify(id.slice(0, 100));
}
