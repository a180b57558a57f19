import { fileURLToPath } from "node:url";
import { type Core, type Library, openCore } from "@spacedrive/core";
import type { StoreFaults } from "@spacedrive/jobs";
import { grantWhatManifestAsks, PluginManager } from "@spacedrive/runtime";
import { LIBRARY, type Scene } from "../scene.ts";
import { AcknowledgedLog } from "./acknowledged.ts";
import { installEffectLog } from "./effect-log.ts";
import { observe } from "./observe.ts";

export interface Host extends AsyncDisposable {
  readonly core: Core;
  readonly library: Library;
  readonly acknowledged: AcknowledgedLog;
}

/** So small that WALs are copied into their databases again and again while the words are counted. */
const WAL_LIMIT_BYTES = 32 * 1024;
/** A job that is killed again and again before it gets anywhere is given up: here nobody means to find out. */
const RETRY_LIMIT = 1_000_000;

/** A host as an integrator would write it, whose stores ask `faults`, and who notes what is acknowledged. */
export async function openHost(scene: Scene, faults: StoreFaults): Promise<Host> {
  const stack = new AsyncDisposableStack();
  const acknowledged = stack.use(new AcknowledgedLog(scene.acknowledged));
  try {
    const core = stack.use(
      await openCore({
        dataDir: scene.dataDir,
        store: { faults, walLimitBytes: WAL_LIMIT_BYTES },
        jobLimits: { retryLimit: RETRY_LIMIT },
        // Not before they can be observed: what was running goes on at once.
        openLibraries: false,
      }),
    );
    observe(core, acknowledged);
    await core.libraries.openAll();
    const plugins = stack.use(
      new PluginManager({
        dir: fileURLToPath(new URL("../../../../extensions", import.meta.url)),
        wire: core.wire,
        jobs: core.jobs,
        grants: grantWhatManifestAsks(),
        // Hundreds of hosts are started one after the other, and word-count is not hostile: its code need not be optimised at once.
        dynamicTiering: true,
      }),
    );
    await plugins.load("word-count");
    const library = await core.libraries.open(LIBRARY);
    installEffectLog(library.database);
    return { core, library, acknowledged, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
