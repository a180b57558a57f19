import type { JobContext } from "@spacedrive/jobs";
import {
  formatMethod,
  isSpacedriveError,
  type LibraryId,
  type Operation,
  parseLibraryId,
  SpacedriveError,
  printableText,
} from "@spacedrive/wire";
import type { GuestModule } from "../guest/guest.js";
import { type StartedAttempt, WasmJobExecutor } from "../jobs/wasm-job-executor.js";
import { ExtensionGate } from "../permissions/extension-gate.js";
import { ExtensionPermissions } from "../permissions/extension-permissions.js";
import type { GateSwitch } from "../permissions/gate-switch.js";
import { askForGrants } from "../permissions/grants.js";
import { extensionOperation, type HandleOperation } from "./extension-operation.js";
import { Breaker } from "./breaker.js";
import { currentCall, HeldCall, nextCall } from "./call-chain.js";
import type { Instance } from "./instance.js";
import { InstanceFactory } from "./instance-factory.js";
import { InstancePool } from "./instance-pool.js";
import { limitsOf, loadModule } from "./load-module.js";
import type { InstanceWork } from "./library-instances.js";
import type { Manifest, ManifestOperation } from "./manifest/manifest-schema.js";
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
}

interface VersionCall<T> {
  readonly call: HeldCall;
  readonly library: LibraryId | null;
  /** False where some instance may wait for it. */
  readonly mayQueue: boolean;
  readonly signal: AbortSignal | undefined;
  readonly work: InstanceWork<T>;
  /** Makes the same call to the version that has replaced this one; null: that has no such thing. */
  readonly handOver: (next: LoadedVersion) => Promise<T> | null;
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
  readonly #declared: readonly ManifestOperation[];
  #successor: LoadedVersion | null = null;

  /**
   * Grants → module → first instance with `plugin_init` → what is to be registered. It keeps no instance: those that serve are
   * made on first use. A failure leaves nothing behind.
   *
   * @throws SpacedriveError `PERMISSION_DENIED`, `ABI_UNSUPPORTED`, `MODULE_INVALID`, `PATH_DENIED`, `INIT_FAILED`,
   * `REGISTRATION_REFUSED`, `GUEST_MEMORY_LIMIT`, `CLOSED` where `closed` aborts before the grants policy has answered.
   */
  static async start(
    host: PluginHost,
    folder: string,
    manifest: Manifest,
    gates: GateSwitch,
    closed: AbortSignal,
  ): Promise<LoadedVersion> {
    const { id: extension, abi } = manifest;
    if (!KNOWN_ABI_VERSIONS.includes(abi)) {
      throw new SpacedriveError(
        "ABI_UNSUPPORTED",
        `"${extension}" says "abi": ${abi} in its manifest; this host knows ${KNOWN_ABI_VERSIONS.join(", ")}. Update the host or the SDK.`,
      );
    }
    // While the grants are asked for and the module is compiled.
    using _start = host.engines[manifest.engine]?.expectStart?.();
    const permissions = new ExtensionPermissions(manifest, await askForGrants(host.grants, manifest, closed));
    const module = await loadModule(host.engines, folder, manifest, limitsOf(manifest, host.limits));
    const registrations = new PluginRegistrations(manifest, module.description);
    const gate = new ExtensionGate(permissions, host.clock, host.onDecision);
    const factory = new InstanceFactory({ host, extension, module, permissions, registrations, gates, gate });
    await host.loads.run(() => register(factory, registrations));
    if (registrations.jobs().length > 0) refuseJobsWithoutManager(host, extension, registrations.jobs());
    return new LoadedVersion({ host, folder, manifest, module, gate, factory, registrations }, permissions);
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
      extension: manifest.id,
      start: (library, call, signal) => this.#factory.start(library, null, call, signal),
      maxInstances: host.maxInstances(manifest.id),
      maxQueuedCalls: host.maxQueuedCalls,
      maxExtraInstances: host.maxExtraInstances,
      clock: host.clock,
      stallMs: host.stallMs,
      breaker: new Breaker({
        extension: manifest.id,
        policy: host.restart(manifest.id),
        clock: host.clock,
        logger: host.logger,
      }),
      idle: host.idle,
      places: host.places,
    });
    // A call may wait for a start before it begins.
    const timeoutMs = host.limits.callTimeoutMs + host.limits.initTimeoutMs;
    this.#declared = registrations.operations();
    this.operations = this.#declared.map((declared) =>
      extensionOperation(manifest.id, declared, timeoutMs, host.limits.maxPayloadValues, this.#handle),
    );
    this.jobs = new Map(
      registrations
        .jobs()
        .map((job) => [`${manifest.id}:${job.name}`, this.#createExecutor(job, permissions.concurrentJobs)]),
    );
  }

  get methods(): string[] {
    return this.operations.map((operation) => formatMethod(operation));
  }

  /** Calls a bare export. */
  async call(exportName: string, options: PluginCallOptions = {}): Promise<number> {
    const library =
      options.library === undefined || options.library === null ? null : this.#openLibrary(options.library);
    const { signal, timeoutMs: askedMs = null } = options;
    if (askedMs !== null && !(askedMs > 0)) {
      throw new SpacedriveError("INVALID_INPUT", `timeoutMs is ${askedMs}, and must be more than 0 milliseconds.`);
    }
    const call = nextCall(`"${this.manifest.id}"`, this.#host.maxCallDepth);
    return this.#run({
      call,
      library,
      mayQueue: !call.isNested,
      signal,
      work: ({ guest, host }) => {
        const route = this.#factory.routeFor(null);
        host.enter({ what: `export "${exportName}"`, route, mayAct: true, call, job: null });
        const timeoutMs = call.begin(askedMs, this.#host.limits.callTimeoutMs);
        return guest.call(exportName, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
      },
      handOver: (next) => next.call(exportName, options),
    });
  }

  /**
   * Lets what runs come to its end, for a version that has been replaced; but not for ever. What has not begun by then is
   * the successor's to do.
   */
  async drain(successor: LoadedVersion): Promise<void> {
    this.#successor = successor;
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
    if (hasCleanup && !cleaned) await this.#host.loads.run(() => this.#cleanUpOnFreshInstance());
    await jobsUnregistered;
    await Promise.all([...this.jobs.values()].map((job) => job.ended(KILL_MS)));
  }

  readonly #handle: HandleOperation = async (declared, ctx, context, input) => {
    const { id } = this.manifest;
    // A native job waits for nobody, also where the call that dispatched it still runs.
    const call = ctx.caller.kind === "job" ? new HeldCall(null) : nextCall(`"${id}"`, this.#host.maxCallDepth);
    return this.#run({
      call,
      library: ctx.library,
      mayQueue: !call.isNested && ctx.caller.kind !== "extension",
      signal: ctx.signal,
      work: ({ guest, host }) => {
        const what = `its ${declared.kind} "${declared.name}"`;
        const route = this.#factory.routeFor(ctx.job, ctx.recorder);
        host.enter({ what, route, mayAct: declared.kind === "action", call, job: ctx.job?.id ?? null });
        const timeoutMs = call.begin(null, this.#host.limits.callTimeoutMs);
        return guest.handle(declared.export, context, input, { signal: ctx.signal, timeoutMs });
      },
      handOver: (next) => {
        const same = next.#declared.find((other) => isSameOperation(other, declared));
        return same === undefined ? null : next.#handle(same, ctx, context, input);
      },
    });
  };

  async #run<T>({ call, library, mayQueue, signal, work, handOver }: VersionCall<T>): Promise<T> {
    let begun = false;
    const begin = (instance: Instance): Promise<T> => {
      begun = true;
      return work(instance);
    };
    try {
      return await this.#pool.run(library, call, mayQueue, begin, signal);
    } catch (error) {
      const next = this.#successor;
      if (begun || next === null || !isSpacedriveError(error) || error.code !== "UNLOADED") throw error;
      // It had found this version, and would have begun after its end: no reload loses a call.
      const answer = handOver(next);
      if (answer === null) throw error;
      return await answer;
    } finally {
      call.end();
    }
  }

  #createExecutor(job: RegisteredJob, maxConcurrent: number): WasmJobExecutor {
    const { id, version } = this.manifest;
    return new WasmJobExecutor({
      extension: id,
      extensionVersion: version,
      type: `${id}:${job.name}`,
      exportName: job.exportName,
      resumable: job.resumable,
      maxConcurrent,
      maxStateValues: this.#host.limits.maxStateValues,
      maxResultValues: this.#host.limits.maxPayloadValues,
      stateSchema: job.declared?.state === undefined ? null : zodSchemaOf(job.declared.state),
      resultSchema: job.declared?.result === undefined ? null : zodSchemaOf(job.declared.result),
      place: (signal) => this.#host.places.take({ extension: id, kind: "job", queue: {}, waitedMs: () => 0 }, signal),
      start: (context, signal) => this.#startAttempt(context, signal),
      clock: this.#host.clock,
      logger: this.#host.logger,
    });
  }

  async #startAttempt(context: JobContext, signal: AbortSignal): Promise<StartedAttempt> {
    // Nobody waits for a job, also where the call that dispatched it still runs.
    const call = new HeldCall(null);
    try {
      const { guest } = await this.#factory.start(context.library, context, call, signal);
      return {
        guest,
        async [Symbol.asyncDispose]() {
          call.end();
          await guest[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      call.end();
      throw error;
    }
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
    const call = new HeldCall(currentCall());
    try {
      const instance = await this.#factory.start(null, null, call);
      await this.#cleanUp(instance);
      await instance.guest[Symbol.asyncDispose]();
    } catch (error) {
      this.#logCleanupFailure(error);
    } finally {
      call.end();
    }
  }

  async #cleanUp({ guest, host }: Instance): Promise<void> {
    const call = new HeldCall(currentCall());
    try {
      host.enter({ what: "plugin_cleanup", route: this.#factory.routeFor(null), mayAct: true, call, job: null });
      const code = await guest.call("plugin_cleanup", { timeoutMs: this.#host.cleanupTimeoutMs });
      if (code !== 0) this.#logCleanupFailure(new Error(`it returned ${code}`));
    } catch (error) {
      this.#logCleanupFailure(error);
    } finally {
      call.end();
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

/** Starts the instance whose registrations count, and gives it back. Its refusals say more than how the guest took them. */
async function register(factory: InstanceFactory, registrations: PluginRegistrations): Promise<void> {
  const call = new HeldCall(currentCall());
  try {
    const first = await factory.start(null, null, call);
    await first.guest[Symbol.asyncDispose]();
  } catch (error) {
    if (registrations.refused) registrations.seal();
    throw error;
  } finally {
    call.end();
  }
  registrations.seal();
}

/** The input was checked against the schema of the one, and may be given to the other. */
function isSameOperation(one: ManifestOperation, other: ManifestOperation): boolean {
  const shape = ({ kind, name, version, scope, input }: ManifestOperation): string =>
    JSON.stringify([kind, name, version, scope, input]);
  return shape(one) === shape(other);
}

function refuseJobsWithoutManager(host: PluginHost, extension: string, jobs: readonly RegisteredJob[]): void {
  if (host.jobs !== null) return;
  const names = jobs.map((job) => `"${job.name}"`).join(", ");
  throw new SpacedriveError(
    "REGISTRATION_REFUSED",
    `"${extension}" has jobs (${names}), and this host runs none: pass jobs (a JobManager) to PluginManager, or remove them.`,
  );
}
