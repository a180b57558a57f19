import { EventEmitter } from "node:events";
import path from "node:path";
import {
  isExtensionId,
  isSpacedriveError,
  type Registration,
  SpacedriveError,
  toSpacedriveError,
} from "@spacedrive/wire";
import type { GuestEngine } from "../guest/guest.js";
import { shareHostOperations } from "../host/host-operations.js";
import { GateSwitch } from "../permissions/gate-switch.js";
import { Exclusive } from "./exclusive.js";
import { LoadedVersion } from "./loaded-version.js";
import type { Manifest } from "./manifest/manifest-schema.js";
import { manifestInvalid } from "./manifest/parse-manifest.js";
import { MANIFEST_FILE, readManifest } from "./manifest/read-manifest.js";
import type { Plugin, PluginCallOptions } from "./plugin.js";
import type { PluginEvents } from "./plugin-events.js";
import type { PluginHost } from "./plugin-host.js";
import { createOwnEngine, createPluginHost, type PluginManagerOptions } from "./plugin-manager-options.js";
import { PluginRegistration } from "./plugin-registration.js";
import { steadily } from "./steady-logger.js";

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
  readonly #hostOperations: Registration;
  readonly #loaded = new Map<string, Loaded>();
  readonly #exclusive = new Exclusive();
  readonly #closed = new AbortController();
  #closing: Promise<void> | null = null;

  /** @throws SpacedriveError `INVALID_INPUT` where a number among the options cannot be kept. */
  constructor(options: PluginManagerOptions) {
    const host = createPluginHost(options);
    const wasm = options.engine ?? createOwnEngine(options, host.clock);
    this.#dir = path.resolve(options.dir);
    this.#ownEngine = options.engine === undefined ? wasm : null;
    this.#host = { ...host, engines: { wasm, wasi: options.engines?.wasi ?? null } };
    this.#hostOperations = shareHostOperations(this.#host.wire, this.#host.clock);
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
    using _start = this.#host.engines.wasm.expectStart?.();
    const manifest = await readManifest(absolute);
    return await this.#exclusive.run(manifest.id, () => this.#load(manifest.id, absolute, manifest));
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
    this.#closed.abort();
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
    // While the manifest is read and the module is compiled.
    using _start = this.#host.engines.wasm.expectStart?.();
    try {
      const manifest = read ?? (await readManifestOf(id, folder));
      gateRegistration = wire.registerGate(id, gates);
      const version = await LoadedVersion.start(this.#host, folder, manifest, gates, this.#closed.signal);
      logger.info({ extension: id }, `Plugin ${id} initialized successfully`);
      gates.switchTo(version.gate);
      const registration = await this.#register(version);
      const loaded: Loaded = { gates, gateRegistration, plugin: this.#handle(id, version), version, registration };
      this.#loaded.set(id, loaded);
      const engine = this.#host.engines[manifest.engine]?.name;
      logger.info({ extension: id, version: manifest.version, engine }, `✓ Plugin ${id} loaded successfully`);
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
    try {
      await version.end(registration.unregister());
    } finally {
      gateRegistration.unregister();
    }
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
    const { version, engine } = loaded.version.manifest;
    const by = this.#host.engines[engine]?.name;
    this.#host.logger.info({ extension: id, version, engine: by }, `Plugin ${id} reloaded`);
    this.#emit("plugin-reloaded", { id, version, previousVersion: old.manifest.version });
    return loaded.plugin;
  }

  async #replace(loaded: Loaded): Promise<void> {
    const { version: old, registration: oldRegistration, gates } = loaded;
    const { id } = old.manifest;
    const manifest = await readManifestOf(id, old.folder);
    const next = await LoadedVersion.start(this.#host, old.folder, manifest, gates, this.#closed.signal);

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

    await old.drain(next);
    await old.end(oldJobsEnded);
  }

  async #close(): Promise<void> {
    await this.#exclusive.settled();
    // One that somebody else is unloading just now is not there any more when its turn comes.
    const unload = async (id: string): Promise<void> => (this.#loaded.has(id) ? this.#unload(id) : undefined);
    await Promise.all([...this.#loaded.keys()].map((id) => this.#exclusive.run(id, () => unload(id))));
    await this.#exclusive.settled();
    this.#hostOperations.unregister();
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
      steadily(
        (): unknown => Reflect.apply(listener, this.events, event),
        (error) => this.#host.logger.error({ err: error }, `a listener of "${name}" failed`),
      );
    }
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new SpacedriveError("CLOSED", "The plugin manager has been closed.");
  }
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
