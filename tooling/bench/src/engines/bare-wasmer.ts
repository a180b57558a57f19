import { compileGuest } from "../compile-guest.ts";
import type { LiveGuest, PrepareEngine } from "./engine.ts";
import { RecordTalk } from "./record-talk.ts";

/** The command on `@wasmer/sdk` as its own documents run one: from the main thread, one client for all that is started. */
export const bareWasmer: PrepareEngine = async () => {
  // Not at the top: the processes of other contenders import this file, and shall not carry it.
  const { Wasmer } = await import("@wasmer/sdk/node");
  const bytes = await compileGuest("bench-command");
  return async () => {
    const wasmer = new Wasmer({ cache: "memory" });
    await wasmer.ready();
    const pkg = await wasmer.packages.load(bytes);
    return {
      async start(onCall = () => {}): Promise<LiveGuest> {
        const sandbox = await wasmer.sandboxes.create({ packages: [pkg], env: {}, network: { mode: "disabled" } });
        const command = await sandbox.command(pkg, []).spawn({ stdin: "pipe", stdout: "pipe", stderr: "discard" });
        const { stdin, stdout } = command;
        if (stdin === null || stdout === null) throw new Error("@wasmer/sdk made no pipes");
        const talk = new RecordTalk((record) => void stdin.write(record), onCall);
        void (async () => {
          for await (const bytesOfGuest of stdout) talk.receive(bytesOfGuest);
        })();
        await talk.command("start", { protocol: 1 });
        return {
          handle: async (operation, input) =>
            String(await talk.command("handle", { export: operation, context: "{}", input })),
          stopLoop: () => Promise.reject(new Error("@wasmer/sdk does not stop a command that loops")),
          async [Symbol.asyncDispose]() {
            await stdin.close();
            await command.wait({ check: false });
          },
        };
      },
      [Symbol.asyncDispose]: () => wasmer.close(),
    };
  };
};
