import { createWasiEngine, type WasiTransport } from "@spacedrive/engine-wasmer";
import type { HostRun, HostUnderTest, Observation } from "../host/host-under-test.js";
import { createRuntimeHost } from "../runtime/runtime-host.js";
import type { VectorNeed } from "../vectors/vector.js";

/** What `@wasmer/sdk` does not show its host; docs/wasi-protocol.md §6 says what comes of it. */
const NOT_SEEN_ON_WASMER: Readonly<Record<VectorNeed, string>> = {
  turns: "on @wasmer/sdk the host may not see that a guest has not read a reply yet",
  streams: "on @wasmer/sdk standard error comes in an order of its own",
};

/** @spacedrive/engine-wasmer as a host under test, on one of its transports. Default: as the engine chooses. */
export function createWasiHost(transport?: WasiTransport): HostUnderTest {
  const choice = transport === undefined ? {} : { transport };
  let name = "";
  const host = createRuntimeHost(() => {
    const engine = createWasiEngine({ ...choice, spareThreads: 0 });
    name = engine.name;
    return engine;
  });
  return {
    name: `@spacedrive/engine-wasmer (${name})`,
    async run(run: HostRun): Promise<readonly Observation[] | string> {
      if (run.engine !== "wasi") return "it runs WASI guests, and this is a guest of the ABI";
      const [missing] = run.needs;
      if (name.includes("wasmer") && missing !== undefined) return NOT_SEEN_ON_WASMER[missing];
      return host.run(run);
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

/** For `--adapter`. */
export function createHost(): HostUnderTest {
  return createWasiHost();
}
