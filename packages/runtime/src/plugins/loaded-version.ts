import { formatMethod, type LibraryId, type Operation, parseLibraryId, SpacedriveError } from "@spacedrive/wire";
import type { GuestModule } from "../guest/guest.js";
import { printableText } from "../guest/guest-text.js";
import { WasmJobExecutor } from "../jobs/wasm-job-executor.js";
import { ExtensionGate } from "../permissions/extension-gate.js";
import { ExtensionPermissions } from "../permissions/extension-permissions.js";
import type { GateSwitch } from "../permissions/gate-switch.js";
import { askForGrants } from "../permissions/grants.js";
import { extensionOperation, type HandleOperation } from "./extension-operation.js";
import type { Instance } from "./instance.js";
import { InstanceFactory } from "./instance-factory.js";
import { InstancePool } from "./instance-pool.js";
import { limitsOf, loadModule } from "./load-module.js";
import type { Manifest } from "./manifest/manifest-schema.js";
import { zodSchemaOf } from "./manifest/operation-schema.js";
import type { PluginCallOptions } from "./plugin.js";
import type { PluginHost } from "./plugin-host.js";
import { PluginRegistrations, type RegisteredJob } from "./registrations.js";

/** Versions of the ABI that a manifest may name. */
const KNOWN_ABI_VERSIONS: readonly number[] = [1];

/** How long a job's instance may live on after the job manager has let go of it. */
const KILL_MS = 2_000;

interface VersionParts {
  readonly host: PluginHost;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly module: GuestModule;
  readonly gate: ExtensionGate;
  readonly factory: InstanceFactory;
  readonly registrations: PluginRegistrations;
  readonly first: Instance;
}

/** One version of an extension, started: its module, its permissions and its instances. */
export class LoadedVersion {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly loadedAt: number;
  readonly gate: ExtensionGate;
  /** Ready for Wire. */
  readonly operations: readonly Operation[];
  /** Ready for the job manager, by type. */
  readonly jobs: ReadonlyMap<string, WasmJobExecutor>;
  readonly #host: PluginHost;
  readonly #module: GuestModule;
  readonly #factory: InstanceFactory;
  readonly #pool: InstancePool;

  /**
   * Grants → module → first instance with `plugin_init` → what is to be registered. A failure leaves nothing behind.
   *
   * @throws SpacedriveError `PERMISSION_DENIED`, `ABI_UNSUPPORTED`, `MODULE_INVALID`, `PATH_DENIED`, `INIT_FAILED`,
   * `REGISTRATION_REFUSED`, `GUEST_MEMORY_LIMIT`.
   */
  static async start(host: PluginHost, folder: string, manifest: Manifest, gates: GateSwitch): Promise<LoadedVersion> {
    const { id: extension, abi } = manifest;
    if (!KNOWN_ABI_VERSIONS.includes(abi)) {
      throw new SpacedriveError(
        "ABI_UNSUPPORTED",
        `"${extension}" says "abi": ${abi} in its manifest; this host knows ${KNOWN_ABI_VERSIONS.join(", ")}. Update the host or the SDK.`,
      );
    }
    const permissions = new ExtensionPermissions(manifest, await askForGrants(host.grants, manifest));
    const module = await loadModule(host.engines, folder, manifest, limitsOf(manifest, host.limits));
    const registrations = new PluginRegistrations(manifest, module.description);
    const gate = new ExtensionGate(permissions, host.clock, host.onDecision);
    const factory = new InstanceFactory({ host, extension, module, permissions, registrations, gates, gate });
    const first = await startFirst(factory, registrations);
    try {
      if (registrations.jobs().length > 0) refuseJobsWithoutManager(host, extension, registrations.jobs());
      return new LoadedVersion({ host, folder, manifest, module, gate, factory, registrations, first }, permissions);
    } catch (error) {
      await first.guest[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(parts: VersionParts, permissions: ExtensionPermissions) {
    const { host, manifest, registrations } = parts;
    this.manifest = manifest;
    this.folder = parts.folder;
    this.loadedAt = host.clock.now();
    this.gate = parts.gate;
    this.#host = host;
    this.#module = parts.module;
    this.#factory = parts.factory;
    this.#pool = new InstancePool({
      name: `"${manifest.id}"`,
      start: (library, signal) => this.#factory.start(library, null, signal),
      maxQueuedCalls: host.maxQueuedCalls,
      maxNestedCalls: host.maxNestedCalls,
      idleMs: host.idleMs,
      clock: host.clock,
    });
    // A call may wait for a start before it begins.
    const timeoutMs = host.limits.callTimeoutMs + host.limits.initTimeoutMs;
    this.operations = registrations
      .operations()
      .map((declared) => extensionOperation(manifest.id, declared, timeoutMs, this.#handle));
    this.jobs = new Map(
      registrations
        .jobs()
        .map((job) => [`${manifest.id}:${job.name}`, this.#createExecutor(job, permissions.concurrentJobs)]),
    );
    this.#pool.adopt(parts.first);
  }

  get methods(): string[] {
    return this.operations.map((operation) => formatMethod(operation));
  }

  /** Calls a bare export. */
  async call(exportName: string, options: PluginCallOptions = {}): Promise<number> {
    const library =
      options.library === undefined || options.library === null ? null : this.#openLibrary(options.library);
    const { signal, timeoutMs } = options;
    return this.#pool.run(
      library,
      false,
      ({ guest, host }) => {
        host.enter(`export "${exportName}"`, this.#factory.routeFor(null), true);
        return guest.call(exportName, {
          ...(signal === undefined ? {} : { signal }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        });
      },
      signal,
    );
  }

  /** Lets what runs come to its end, for a version that has been replaced; but not for ever. */
  async drain(): Promise<void> {
    const deadline = Promise.withResolvers<void>();
    const cancelDeadline = this.#host.clock.after(this.#host.shutdownMs, () => deadline.resolve());
    await Promise.race([this.#pool.drained(), deadline.promise]);
    cancelDeadline();
  }

  /**
   * Ends it: calls settle with `UNLOADED`, `plugin_cleanup` runs within its deadline in every instance that lives (at least
   * in one), and all of them go. Never rejects.
   *
   * @param jobsUnregistered settles once the job manager has interrupted this version's jobs.
   */
  async end(jobsUnregistered: Promise<unknown>): Promise<void> {
    const hasCleanup = this.#module.description.exports.some((one) => one.name === "plugin_cleanup");
    const cleaned = await this.#pool.close(hasCleanup ? (instance) => this.#cleanUp(instance) : null);
    if (hasCleanup && !cleaned) await this.#cleanUpOnFreshInstance();
    await jobsUnregistered;
    await Promise.all([...this.jobs.values()].map((job) => job.ended(KILL_MS)));
  }

  readonly #handle: HandleOperation = (declared, ctx, context, input) =>
    this.#pool.run(
      ctx.library,
      ctx.caller.kind === "extension",
      ({ guest, host }) => {
        const what = `its ${declared.kind} "${declared.name}"`;
        host.enter(what, this.#factory.routeFor(ctx.job, ctx.recorder), declared.kind === "action");
        return guest.handle(declared.export, context, input, { signal: ctx.signal });
      },
      ctx.signal,
    );

  #createExecutor(job: RegisteredJob, maxConcurrent: number): WasmJobExecutor {
    const { id, version } = this.manifest;
    return new WasmJobExecutor({
      extension: id,
      extensionVersion: version,
      type: `${id}:${job.name}`,
      exportName: job.exportName,
      resumable: job.resumable,
      maxConcurrent,
      stateSchema: job.declared?.state === undefined ? null : zodSchemaOf(job.declared.state),
      resultSchema: job.declared?.result === undefined ? null : zodSchemaOf(job.declared.result),
      start: async (context, signal) => (await this.#factory.start(context.library, context, signal)).guest,
      clock: this.#host.clock,
      logger: this.#host.logger,
    });
  }

  #openLibrary(text: string): LibraryId {
    const library = parseLibraryId(text);
    if (this.#host.wire.libraries.has(library)) return library;
    throw new SpacedriveError(
      "LIBRARY_NOT_FOUND",
      `"${this.manifest.id}" cannot serve library ${library}: it is not open.`,
    );
  }

  async #cleanUpOnFreshInstance(): Promise<void> {
    try {
      const instance = await this.#factory.start(null, null);
      await this.#cleanUp(instance);
      await instance.guest[Symbol.asyncDispose]();
    } catch (error) {
      this.#logCleanupFailure(error);
    }
  }

  async #cleanUp({ guest, host }: Instance): Promise<void> {
    try {
      host.enter("plugin_cleanup", this.#factory.routeFor(null), true);
      const code = await guest.call("plugin_cleanup", { timeoutMs: this.#host.cleanupTimeoutMs });
      if (code !== 0) this.#logCleanupFailure(new Error(`it returned ${code}`));
    } catch (error) {
      this.#logCleanupFailure(error);
    }
  }

  #logCleanupFailure(error: unknown): void {
    const { id } = this.manifest;
    const reason = error instanceof Error ? printableText(error.message, 2_000) : String(error);
    this.#host.logger.warn(
      { extension: id, err: error },
      `plugin_cleanup of "${id}" failed, and it is unloaded all the same: ${reason}`,
    );
  }
}

/** The instance whose registrations count. Its refusals say more than how the guest took them. */
async function startFirst(factory: InstanceFactory, registrations: PluginRegistrations): Promise<Instance> {
  let first: Instance;
  try {
    first = await factory.start(null, null);
  } catch (error) {
    if (registrations.refused) registrations.seal();
    throw error;
  }
  try {
    registrations.seal();
    return first;
  } catch (error) {
    await first.guest[Symbol.asyncDispose]();
    throw error;
  }
}

function refuseJobsWithoutManager(host: PluginHost, extension: string, jobs: readonly RegisteredJob[]): void {
  if (host.jobs !== null) return;
  const names = jobs.map((job) => `"${job.name}"`).join(", ");
  throw new SpacedriveError(
    "REGISTRATION_REFUSED",
    `"${extension}" has jobs (${names}), and this host runs none: pass jobs (a JobManager) to PluginManager, or remove them.`,
  );
}
