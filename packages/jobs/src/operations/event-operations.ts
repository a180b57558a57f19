import { implement, type LibraryOperationContext, type Operation, parseJson } from "@spacedrive/wire";
import type { z } from "zod";
import type { JobManager } from "../manager/job-manager.js";
import type { PreparedEvent } from "../manager/library-events.js";
import { eventToAwait, eventToEmit } from "./caller-events.js";
import { emitEvent, getLastEvent } from "./definitions.js";

/** The operations about what happens in a library. */
export function eventOperations(manager: JobManager): Operation[] {
  const { events } = manager;
  const prepare = async (
    { caller, library }: LibraryOperationContext,
    { name, payload }: z.output<typeof emitEvent.input>,
  ): Promise<PreparedEvent> => events.prepare(eventToEmit(caller, name), { library, payload });
  return [
    manager.joinsTransactions
      ? implement(emitEvent, {
          prepare,
          commit: (tx, event: PreparedEvent) => ({ number: event.emitIn(tx) }),
          committed: (event) => event.emitted(),
        })
      : implement(emitEvent, {
          run: async ({ caller, library }, { name, payload }) => ({
            number: await events.emit(eventToEmit(caller, name), { library, payload }),
          }),
        }),
    implement(getLastEvent, {
      async run({ caller, library }, input) {
        const name = eventToAwait(caller, input.name);
        const event = await events.last(name, library);
        if (event === null) return { number: 0, payload: null, at_unix_ms: 0 };
        const { number, payload, at } = event;
        const value = payload === null ? null : parseJson(payload, `the payload of event ${name}`, "STORE_CORRUPT");
        return { number, payload: value, at_unix_ms: at };
      },
    }),
  ];
}
