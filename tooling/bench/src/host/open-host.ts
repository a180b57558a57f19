import { type Core, openCore } from "@spacedrive/core";
import {
  createLibraryId,
  createWire,
  grantWhatManifestAsks,
  JobManager,
  type LibraryId,
  PluginManager,
  type Wire,
} from "@spacedrive/runtime";
import { writeBenchExtension } from "./bench-extension.ts";
import { markThatTells, pingThatTells } from "./bench-operations.ts";

/** A host that serves calls: Wire, gate and worker engine, and no disk. */
export interface CallHost extends AsyncDisposable {
  readonly wire: Wire;
  readonly library: LibraryId;
}

/** A host that runs jobs: a data directory with a library on disk. */
export interface JobHost extends AsyncDisposable {
  readonly core: Core;
  readonly library: LibraryId;
}

/** Opens a host whose `test.ping` also tells `onPing`, with the bench's extension loaded. */
export async function openCallHost(onPing: () => void = () => {}): Promise<CallHost> {
  const stack = new AsyncDisposableStack();
  const { extensions } = stack.use(await writeBenchExtension());
  const wire = createWire([pingThatTells(onPing)], { libraries: { has: () => true } });
  const jobs = stack.use(new JobManager({ wire }));
  const plugins = stack.use(new PluginManager({ dir: extensions, wire, jobs, grants: grantWhatManifestAsks() }));
  await plugins.load("bench");
  return { wire, library: createLibraryId(), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Opens a host on a new data directory, with the bench's extension loaded, whose guests' marks reach `onMark`. */
export async function openJobHost(onMark: () => void): Promise<JobHost> {
  const stack = new AsyncDisposableStack();
  const { extensions, data } = stack.use(await writeBenchExtension());
  const core = stack.use(await openCore({ dataDir: data, operations: [markThatTells(onMark)] }));
  const plugins = stack.use(
    new PluginManager({ dir: extensions, wire: core.wire, jobs: core.jobs, grants: grantWhatManifestAsks() }),
  );
  await plugins.load("bench");
  const library = await core.libraries.open("bench");
  return { core, library: library.id, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
