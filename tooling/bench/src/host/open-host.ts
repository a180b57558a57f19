import { type Core, openCore } from "@spacedrive/core";
import { ping } from "@spacedrive/core";
import {
  createLibraryId,
  createWire,
  defineQuery,
  grantWhatManifestAsks,
  implement,
  JobManager,
  type LibraryId,
  type Operation,
  PluginManager,
  type Wire,
} from "@spacedrive/runtime";
import { z } from "zod";
import { writeBenchExtension } from "./bench-extension.ts";

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

/** Core's own `test.ping`, word for word, but for the one line that takes the time. */
function pingThatTells(onPing: () => void): Operation {
  return implement(ping, {
    run: (_ctx, { message, count }) => {
      onPing();
      return { echo: `Pong: ${message}`, count, extension_works: true };
    },
  });
}

function markThatTells(onMark: () => void): Operation {
  return defineQuery({
    name: "bench.mark",
    scope: "host",
    input: z.object({}),
    output: z.object({}),
    description: "A guest says that it is here.",
    run: () => {
      onMark();
      return {};
    },
  });
}
