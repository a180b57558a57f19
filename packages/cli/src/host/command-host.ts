import { existsSync } from "node:fs";
import { type Core, type HostCallOptions, type Library, openCore } from "@spacedrive/core";
import { createWasiEngine } from "@spacedrive/engine-wasmer";
import { getJobStatus, type JobUpdate } from "@spacedrive/jobs";
import { type Grants, grantOnly, type Manifest, PluginManager, readManifest } from "@spacedrive/runtime";
import {
  type JobId,
  localUser,
  type OperationDefinition,
  type OperationScope,
  SpacedriveError,
} from "@spacedrive/wire";
import type { z } from "zod";
import { buildForUse } from "../compile/build-command.js";
import { openExtensionFolder, reasonToBuild, staleModule } from "../extension/extension-folder.js";
import { formatCount } from "../terminal/quantity.js";
import type { Terminal } from "../terminal/terminal.js";
import { decideGrants, type GrantOptions } from "./consent.js";
import { resolveDataDir } from "./data-dir.js";
import { HeldFailures } from "./held-failures.js";
import type { HostAccess } from "./host-access.js";
import { hintedCommand, hintedLibraryCommand, type Place } from "./hinted-command.js";
import type { JobView } from "./job-view.js";
import { KnownExtensions } from "./known-extensions.js";
import { type Level, terminalLogger } from "./terminal-logger.js";

/** An extension that a command has loaded. */
export interface LoadedExtension {
  readonly id: string;
  readonly manifest: Manifest;
  /** Names of its jobs, without the extension's. */
  readonly jobs: readonly string[];
}

/** Unfinished jobs beyond these are not counted. */
const MOST_COUNTED = 10_000;

interface Parts {
  readonly core: Core;
  readonly plugins: PluginManager;
  readonly known: KnownExtensions;
  readonly grants: Map<string, Grants>;
  readonly failures: HeldFailures;
  readonly place: Place;
  readonly terminal: Terminal;
  readonly stack: AsyncDisposableStack;
}

/** The host of one command: a data directory, and the extensions that the command needs. */
export class CommandHost implements HostAccess {
  readonly runningIn = null;
  readonly core: Core;
  /** As the command line named it. */
  readonly place: Place;
  readonly #plugins: PluginManager;
  readonly #known: KnownExtensions;
  readonly #grants: Map<string, Grants>;
  readonly #failures: HeldFailures;
  readonly #terminal: Terminal;
  readonly #stack: AsyncDisposableStack;

  private constructor({ core, plugins, known, grants, failures, place, terminal, stack }: Parts) {
    this.core = core;
    this.place = place;
    this.#plugins = plugins;
    this.#known = known;
    this.#grants = grants;
    this.#failures = failures;
    this.#terminal = terminal;
    this.#stack = stack;
  }

  /**
   * Shows what is logged from `least` on. With `serve`, others reach this process while it has the directory open.
   *
   * @throws SpacedriveError `DATA_DIR_LOCKED` where another process has the directory open.
   */
  static async open(place: Place, terminal: Terminal, least: Level, serve = true): Promise<CommandHost> {
    await using opening = new AsyncDisposableStack();
    const dataDir = resolveDataDir(place.dataDir);
    const failures = new HeldFailures(terminalLogger(terminal, least));
    const { logger } = failures;
    // Somebody looks on: a job that fails for good is to say so soon.
    const jobLimits = { retryBackoffMs: 100 };
    // A command does what it was asked and nothing else.
    const core = opening.use(await openCore({ dataDir, logger, socket: serve, goOnWith: "named", jobLimits }));
    const grants = new Map<string, Grants>();
    const wasi = opening.use(createWasiEngine({ transport: "shim" }));
    const plugins = opening.use(
      new PluginManager({
        dir: dataDir,
        wire: core.wire,
        jobs: core.jobs,
        engines: { wasi },
        grants: (manifest) => grants.get(manifest.id) ?? grantOnly([])(manifest),
        logger,
      }),
    );
    const known = new KnownExtensions(dataDir);
    return new CommandHost({ core, plugins, known, grants, failures, place, terminal, stack: opening.move() });
  }

  /** The library of this name, made where there is none. */
  makeLibrary(name: string): Promise<Library> {
    return this.core.libraries.open(name);
  }

  call<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
    operation: OperationDefinition<"query" | "action", Scope, Input, Output>,
    input: z.input<Input>,
    options?: HostCallOptions,
  ): Promise<z.output<Output>>;
  call(method: string, input: unknown, options?: HostCallOptions): Promise<unknown>;
  call(target: string | OperationDefinition, input: unknown, options: HostCallOptions = {}): Promise<unknown> {
    const { wire } = this.core;
    const as = { caller: localUser, ...options };
    return typeof target === "string" ? wire.call(target, input, as) : wire.call(target, input, as);
  }

  async *follow(
    id: JobId,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<JobUpdate, JobView | null, undefined> {
    const job = await this.core.jobs.get(id);
    yield* job.updates(options);
    return options.signal?.aborted === true ? null : this.call(getJobStatus, { job_id: id }, { library: job.library });
  }

  /**
   * Loads an extension from a folder that the user named, built first where that is needed, and remembers where it lies
   * and what it was granted.
   */
  async loadNamed(named: string, options: GrantOptions): Promise<LoadedExtension> {
    const folder = openExtensionFolder(named);
    const reason = reasonToBuild(folder);
    if (reason !== null) await buildForUse(named, reason, this.#terminal);
    const stale = staleModule(folder);
    if (stale !== null) this.#terminal.note(this.#terminal.errColors.yellow(stale));
    const manifest = await readManifest(folder.path);
    const { id } = manifest;
    const grants = await decideGrants(manifest, folder.path, this.#known.get(id), options, this.#terminal);
    this.#known.remember(id, folder.path, grants);
    return this.#load(id, folder.path, grants);
  }

  /**
   * Loads an extension that was loaded from this data directory before, with what it was granted then.
   *
   * @throws SpacedriveError `EXTENSION_NOT_FOUND` where it was not, or is gone.
   */
  async loadKnown(id: string): Promise<LoadedExtension> {
    const known = this.#known.get(id);
    const once = `Run it from its folder once: ${hintedLibraryCommand("run <dir>", this.place)}`;
    if (known === null) {
      throw new SpacedriveError(
        "EXTENSION_NOT_FOUND",
        `This data directory does not know where the extension "${id}" lies. ${once}`,
      );
    }
    if (!existsSync(known.folder)) {
      throw new SpacedriveError(
        "EXTENSION_NOT_FOUND",
        `The extension "${id}" lay in ${known.folder}, which is gone. ${once}`,
      );
    }
    const folder = openExtensionFolder(known.folder);
    const reason = reasonToBuild(folder);
    if (reason !== null) await buildForUse(known.folder, reason, this.#terminal);
    return this.#load(id, folder.path, known.granted);
  }

  /** True where {@link loadKnown} can find it. */
  knows(id: string): boolean {
    return this.#known.get(id) !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  /**
   * Names what an extension left unfinished: a command goes on with nothing that it was not asked for.
   *
   * @param on the job with which it goes on.
   */
  async tellWhatIsLeft(extension: string, on: JobId): Promise<void> {
    const unfinished = await this.core.jobs.list({ extension, status: ["queued", "suspended"], limit: MOST_COUNTED });
    const parents = new Map(unfinished.map(({ id, parent }) => [id, parent]));
    const goesOn = (id: JobId | null): boolean => id === on || (id !== null && goesOn(parents.get(id) ?? null));
    const left = unfinished.filter(({ id }) => !goesOn(id));
    const [one, another] = left;
    if (one === undefined) return;
    const resume = hintedCommand(`jobs resume ${another === undefined ? one.id : "<id>"}`, this.place);
    const them = another === undefined ? resume : `${hintedCommand("jobs ls", this.place)}, then ${resume}`;
    const atLeast = unfinished.length === MOST_COUNTED ? "at least " : "";
    this.#terminal.note(
      `Not resumed: ${atLeast}${formatCount(left.length, "unfinished job")} of "${extension}". To go on with it: ${them}`,
    );
  }

  async #load(id: string, folder: string, grants: Grants): Promise<LoadedExtension> {
    this.#grants.set(id, grants);
    const { manifest, jobs } = await this.#failures.during(() => this.#plugins.loadFolder(folder));
    return { id, manifest, jobs: jobs.map((type) => type.slice(id.length + 1)) };
  }
}
