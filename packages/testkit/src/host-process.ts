// The process of a test's host. It is told everything by messages, and ends with the test that started it.
import type { Operation } from "@spacedrive/wire";
import { faultEnvelope, type HostRequest, type HostSettings } from "./host-link.js";
import type { FromHostProcess, HostReply, ToHostProcess } from "./host-process-messages.js";
import { HostedLibrary } from "./hosted-library.js";
import { loadOperations } from "./load-operations.js";

function send(message: FromHostProcess): void {
  if (process.connected) process.send?.(message);
}

let host: HostedLibrary | null = null;

async function open(settings: HostSettings): Promise<void> {
  try {
    const operations: readonly Operation[] =
      settings.operationsModule === null ? [] : await loadOperations(settings.operationsModule);
    host = await HostedLibrary.open(settings, operations, (event) => send({ type: "event", event }));
    send({ type: "opened" });
  } catch (thrown) {
    send({ type: "refused", error: faultEnvelope(thrown) });
    process.disconnect?.();
  }
}

async function answer(sequence: number, request: HostRequest): Promise<void> {
  let reply: HostReply;
  try {
    reply = { ok: true, value: await host?.handle(request) };
  } catch (thrown) {
    reply = { ok: false, error: faultEnvelope(thrown) };
  }
  send({ type: "reply", sequence, reply });
}

process.on("message", (message: ToHostProcess) => {
  switch (message.type) {
    case "open":
      void open(message.settings);
      return;
    case "request":
      void answer(message.sequence, message.request);
      return;
    case "close":
      void host?.[Symbol.asyncDispose]().finally(() => process.disconnect?.());
      return;
    default:
      message satisfies never;
  }
});

// The test's process is gone: nobody is left to shut this one down.
process.on("disconnect", () => process.exit());
