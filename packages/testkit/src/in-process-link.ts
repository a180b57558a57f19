import { type Clock, type Operation, SpacedriveError } from "@spacedrive/wire";
import { faultEnvelope, faultOf, type HostEvent, type HostLink, type HostSettings } from "./host-link.js";
import { HostedLibrary } from "./hosted-library.js";

/** A host in the test's own process: quick to start, easy to debug, and not to be killed. */
export async function openInProcessLink(
  settings: HostSettings,
  operations: readonly Operation[],
  onEvent: (event: HostEvent) => void,
  clock?: Clock,
): Promise<HostLink> {
  const host = await HostedLibrary.open(settings, operations, onEvent, clock);
  const ended = Promise.withResolvers<void>();
  let closed = false;
  return {
    ended: ended.promise,
    async request(request) {
      if (closed) throw new SpacedriveError("CLOSED", "The test host is closed.");
      try {
        // A copy, as it would be across processes: a test cannot change what the host holds.
        return structuredClone(await host.handle(structuredClone(request)));
      } catch (thrown) {
        throw faultOf(faultEnvelope(thrown));
      }
    },
    async close() {
      closed = true;
      try {
        await host[Symbol.asyncDispose]();
      } finally {
        ended.resolve();
      }
    },
    kill: null,
  };
}
