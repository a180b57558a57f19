import { type Core, openCore } from "@spacedrive/core";
import {
  createLibraryId,
  createWire,
  grantWhatManifestAsks,
  type GuestEngine,
  JobManager,
  type LibraryId,
  PluginManager,
  type Wire,
} from "@spacedrive/runtime";
import { addFloodExtension, benchId, writeBenchExtension } from "./bench-extension.ts";
import { markThatTells, pingThatTells } from "./bench-operations.ts";

/** A host that serves calls: Wire, gate and worker engine, and no disk. */
export interface CallHost extends AsyncDisposable {
  readonly wire: Wire;
  readonly plugins: PluginManager;
  readonly library: LibraryId;
}

/** A host that runs jobs: a data directory with a library on disk. */
export interface JobHost extends AsyncDisposable {
  readonly core: Core;
  readonly library: LibraryId;
}

export interface CallHostOptions {
  /** How many copies of the bench's extension are loaded. Default 1. */
  readonly copies?: number;
  /** How long an instance without work is kept. Default: the manager's own. */
  readonly idleMs?: number;
  readonly engine?: GuestEngine;
}

/** Opens a host whose `test.ping` also tells `onPing`, with the bench's extension loaded. */
export async function openCallHost(onPing: () => void = () => {}, options: CallHostOptions = {}): Promise<CallHost> {
  const { copies = 1, ...rest } = options;
  const stack = new AsyncDisposableStack();
  const { extensions } = stack.use(await writeBenchExtension(copies));
  const wire = createWire([pingThatTells(onPing)], { libraries: { has: () => true } });
  const jobs = stack.use(new JobManager({ wire }));
  if (rest.engine !== undefined) stack.use(rest.engine);
  const plugins = stack.use(
    new PluginManager({ dir: extensions, wire, jobs, grants: grantWhatManifestAsks(), ...rest }),
  );
  for (let copy = 0; copy < copies; copy++) await plugins.load(benchId(copy));
  return { wire, plugins, library: createLibraryId(), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/**
 * Opens a host on a new data directory, with the bench's extension loaded, whose guests' marks reach `onMark`.
 *
 * @param withFlood loads the neighbour `flood` as well.
 */
export async function openJobHost(onMark: () => void, withFlood = false): Promise<JobHost> {
  const stack = new AsyncDisposableStack();
  const { extensions, data } = stack.use(await writeBenchExtension());
  const core = stack.use(await openCore({ dataDir: data, operations: [markThatTells(onMark)] }));
  const plugins = stack.use(
    new PluginManager({ dir: extensions, wire: core.wire, jobs: core.jobs, grants: grantWhatManifestAsks() }),
  );
  await plugins.load("bench");
  if (withFlood) {
    await addFloodExtension(extensions);
    await plugins.load("flood");
  }
  const library = await core.libraries.open("bench");
  return { core, library: library.id, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
