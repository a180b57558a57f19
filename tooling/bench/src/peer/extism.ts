import type { ExtismPluginOptions, Plugin } from "@extism/extism";
import { createLibraryId, createWire, localUser } from "@spacedrive/runtime";
import { compileGuest } from "../compile-guest.ts";
import { pingThatTells } from "../host/bench-operations.ts";

const SILENT: Console = { ...console, trace() {}, debug() {}, log() {}, info() {}, warn() {}, error() {} };

/**
 * The peer's options, and what its guest calls: an async host function that does the same as ours. It calls `test.ping`
 * on a Wire, as the local user, who passes an open gate: so the peer does less by our gate, and nothing more.
 */
function extismOptions(onCall: () => void): ExtismPluginOptions {
  const wire = createWire([pingThatTells(onCall)], { libraries: { has: () => true } });
  const options = { caller: localUser, library: createLibraryId() };
  return {
    runInWorker: true,
    useWasi: false,
    logger: SILENT,
    functions: {
      "extism:host/user": {
        ping: async (context, offset: bigint) =>
          context.store(await wire.callJson("query:test.ping.v1", context.read(offset)?.text() ?? "", options)),
      },
    },
  };
}

/** Loads the peer's code, and answers what starts a plugin of it in its worker mode, with the bench's guest. */
export async function prepareExtism(onCall: () => void = () => {}): Promise<() => Promise<Plugin>> {
  // Not at the top: the processes of other contenders import this file, and shall not carry the peer.
  const { createPlugin } = await import("@extism/extism");
  const data = await compileGuest("extism-guest");
  return () => createPlugin({ wasm: [{ data }] }, extismOptions(onCall));
}
