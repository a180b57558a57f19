import { randomBytes } from "node:crypto";
import {
  type Clock,
  defineQuery,
  isSpacedriveError,
  type Operation,
  type Registration,
  type Wire,
} from "@spacedrive/wire";
import { z } from "zod";

/** Bytes that one `query:host.random.v1` answers at most. */
export const MAX_RANDOM_BYTES = 65_536;

/** The operations that give a guest what it has none of by itself: a clock and randomness. */
function hostOperations(clock: Clock): Operation[] {
  return [
    defineQuery({
      name: "host.now",
      scope: "host",
      input: z.object({}),
      output: z.object({ unix_ms: z.number() }),
      description: "The time, in milliseconds since the Unix epoch.",
      run: () => ({ unix_ms: clock.now() }),
    }),
    defineQuery({
      name: "host.random",
      scope: "host",
      input: z.object({ bytes: z.int().min(1).max(MAX_RANDOM_BYTES) }),
      output: z.object({ data: z.base64() }),
      description: "Random bytes, fit for keys.",
      run: (_ctx, { bytes }) => ({ data: randomBytes(bytes).toString("base64") }),
    }),
  ];
}

interface Shared {
  users: number;
  readonly registrations: readonly Registration[];
}

/** Several plugin managers may share a wire: the last one to close takes the operations away. */
const sharedByWire = new WeakMap<Wire, Shared>();

/** Puts the `host.*` operations on a wire, except those that the integrator has registered as their own. */
export function shareHostOperations(wire: Wire, clock: Clock): Registration {
  const shared = sharedByWire.get(wire) ?? { users: 0, registrations: registerHostOperations(wire, clock) };
  sharedByWire.set(wire, shared);
  shared.users++;
  let held = true;
  return {
    unregister() {
      if (!held) return;
      held = false;
      shared.users--;
      if (shared.users > 0) return;
      sharedByWire.delete(wire);
      for (const registration of shared.registrations) registration.unregister();
    },
  };
}

function registerHostOperations(wire: Wire, clock: Clock): Registration[] {
  const registrations: Registration[] = [];
  for (const operation of hostOperations(clock)) {
    try {
      registrations.push(wire.register(operation));
    } catch (error) {
      if (!isSpacedriveError(error) || error.code !== "CONFLICT") throw error;
    }
  }
  return registrations;
}
