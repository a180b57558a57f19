import { type Core, type Library, openCore } from "@spacedrive/core";
import { createWasiEngine } from "@spacedrive/engine-wasmer";
import type { Job } from "@spacedrive/jobs";
import { grantOnly, grantWhatManifestAsks, PluginManager } from "@spacedrive/runtime";
import { type Clock, localUser, type Logger, type Operation, parseJobId, systemClock } from "@spacedrive/wire";
import { FaultInjector } from "./fault-injector.js";
import { faultEnvelope, type HostEvent, type HostRequest, type HostSettings, type LogLine } from "./host-link.js";
import { HostClock } from "./host-clock.js";

/** The real host around one temporary library: the one place of the testkit that joins core and runtime. */
export class HostedLibrary implements AsyncDisposable {
  readonly #core: Core;
  readonly #plugins: PluginManager;
  readonly #library: Library;
  readonly #stack: AsyncDisposableStack;
  readonly #clock: HostClock;
  readonly #faults: FaultInjector;
  readonly #emit: (event: HostEvent) => void;
  readonly #subscriptions = new Map<number, AbortController>();

  private constructor(
    core: Core,
    plugins: PluginManager,
    library: Library,
    stack: AsyncDisposableStack,
    clock: HostClock,
    faults: FaultInjector,
    emit: (event: HostEvent) => void,
  ) {
    this.#core = core;
    this.#plugins = plugins;
    this.#library = library;
    this.#stack = stack;
    this.#clock = clock;
    this.#faults = faults;
    this.#emit = emit;
  }

  /** @throws SpacedriveError what opening the data directory or loading an extension throws. */
  static async open(
    settings: HostSettings,
    operations: readonly Operation[],
    emit: (event: HostEvent) => void,
    time: Clock = systemClock,
  ): Promise<HostedLibrary> {
    const logger = eventLogger(emit);
    await using opening = new AsyncDisposableStack();
    const clock = new HostClock(time, settings.faults.clockBackMs);
    const faults = new FaultInjector({ log: settings.faults.log, clock });
    faults.set(settings.faults.plan);
    const { dataDir } = settings;
    const core = opening.use(await openCore({ dataDir, operations, logger, clock, socket: false, store: { faults } }));
    const wasi = opening.use(createWasiEngine({ transport: "shim" }));
    const plugins = opening.use(
      new PluginManager({
        dir: settings.dataDir,
        wire: core.wire,
        jobs: core.jobs,
        engines: { wasi },
        grants: settings.grants === null ? grantWhatManifestAsks() : grantOnly(settings.grants),
        limits: settings.limits,
        logger,
      }),
    );
    const library = await core.libraries.open(settings.library);
    for (const folder of settings.extensions) await plugins.loadFolder(folder);
    return new HostedLibrary(core, plugins, library, opening.move(), clock, faults, emit);
  }

  async handle(request: HostRequest): Promise<unknown> {
    switch (request.kind) {
      case "call":
        return this.#core.wire.call(request.method, request.input, { caller: localUser, library: this.#library.id });
      case "call-export":
        return this.#plugins.call(request.extension, request.exportName, { library: this.#library.id });
      case "reload":
        await this.#plugins.reload(request.extension);
        return null;
      case "set-faults":
        this.#faults.set(request.plan);
        return null;
      case "dispatch": {
        const options = { ...request.options, library: this.#library.id };
        const job = await this.#core.jobs.dispatch(request.type, request.state, options);
        return job.id;
      }
      case "job":
        return (await this.#job(request.id)).record();
      case "jobs":
        return this.#core.jobs.list({ ...request.filter, library: this.#library.id });
      case "job-done":
        return (await this.#job(request.id)).done();
      case "job-step":
        await this.#core.jobs[request.step](parseJobId(request.id));
        return null;
      case "follow":
        void this.#follow(await this.#job(request.id), request.subscription);
        return null;
      case "unfollow":
        this.#subscriptions.get(request.subscription)?.abort();
        return null;
      default:
        return request satisfies never;
    }
  }

  /** Never rejects: the test lets go of this host, and what could not be written shows at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#clock.closing();
    try {
      await this.#stack.disposeAsync();
    } catch (thrown) {
      const message = `The host could not be closed in order: ${faultEnvelope(thrown).error}`;
      this.#emit({ type: "log", line: { level: "error", extension: null, job: null, message } });
    }
  }

  #job(id: string): Promise<Job> {
    return this.#core.jobs.get(parseJobId(id));
  }

  async #follow(job: Job, subscription: number): Promise<void> {
    const stop = new AbortController();
    this.#subscriptions.set(subscription, stop);
    let error = null;
    try {
      for await (const update of job.updates({ signal: stop.signal }))
        this.#emit({ type: "update", subscription, update });
    } catch (thrown) {
      error = faultEnvelope(thrown);
    }
    this.#subscriptions.delete(subscription);
    this.#emit({ type: "updates-ended", subscription, error });
  }
}

/** Sends every line to the test. */
function eventLogger(emit: (event: HostEvent) => void): Logger {
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  const at =
    (level: LogLine["level"]) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      emit({ type: "log", line: { level, extension: text(fields["extension"]), job: text(fields["job"]), message } });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
