import { fileURLToPath } from "node:url";
import { type Core, type Library, openCore } from "@spacedrive/core";
import { grantWhatManifestAsks, type Logger, PluginManager } from "@spacedrive/runtime";

export interface DemoHost extends AsyncDisposable {
  readonly core: Core;
  readonly plugins: PluginManager;
  readonly library: Library;
}

/** The host of the demonstration, as an integrator would write it: a data directory, the extensions' folder, what is granted. */
export async function openDemoHost(dataDir: string, logger: Logger): Promise<DemoHost> {
  const stack = new AsyncDisposableStack();
  const core = stack.use(await openCore({ dataDir, logger }));
  const plugins = stack.use(
    new PluginManager({
      dir: fileURLToPath(new URL("../../../extensions", import.meta.url)),
      wire: core.wire,
      jobs: core.jobs,
      grants: grantWhatManifestAsks(),
      logger,
    }),
  );
  const library = await core.libraries.open("home");
  return { core, plugins, library, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
