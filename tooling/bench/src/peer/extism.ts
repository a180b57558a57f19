import type { ExtismPluginOptions, Plugin } from "@extism/extism";
import { compileGuest } from "../compile-guest.ts";

const SILENT: Console = { ...console, trace() {}, debug() {}, log() {}, info() {}, warn() {}, error() {} };

/** The peer's options, and what its guest calls: an async host function that does what `test.ping` does. */
export function extismOptions(onCall: () => void): ExtismPluginOptions {
  return {
    runInWorker: true,
    useWasi: false,
    logger: SILENT,
    functions: {
      "extism:host/user": {
        ping: async (context, offset: bigint) => {
          onCall();
          // Proof: the guest sends test.ping's input.
          const { message, count } = JSON.parse(context.read(offset)?.text() ?? "") as {
            message: string;
            count: number;
          };
          return context.store(JSON.stringify({ echo: `Pong: ${message}`, count, extension_works: true }));
        },
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
