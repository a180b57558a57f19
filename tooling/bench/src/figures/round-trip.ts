import { localUser } from "@spacedrive/runtime";
import { Arrivals } from "../arrivals.ts";
import type { Contender, Figure } from "../figure.ts";
import { mailboxFloor } from "../floors/mailbox.ts";
import { openCallHost } from "../host/open-host.ts";
import { prepareExtism } from "../peer/extism.ts";

const CALLS = 2000;

const subject: Contender = {
  name: "spacedrive_call of query:test.ping.v1, worker engine, through Wire and gate",
  async open(run) {
    const times = run.scaled(CALLS);
    const arrivals = new Arrivals(times);
    const host = await openCallHost(arrivals.add);
    return {
      async round() {
        await host.wire.call("query:bench:ping_loop.v1", { times }, { caller: localUser, library: host.library });
        return arrivals.take();
      },
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const peer: Contender = {
  name: "Extism, async host function of a plugin in a worker",
  async open(run) {
    // Fewer calls: past some thousand blocks between two resets the peer fails.
    const times = run.scaled(CALLS / 4);
    const arrivals = new Arrivals(times);
    const plugin = await (await prepareExtism(arrivals.add))();
    return {
      async round() {
        await plugin.call("ping_loop", String(times));
        await plugin.reset();
        return arrivals.take();
      },
      [Symbol.asyncDispose]: () => plugin.close(),
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "round-trip",
    title: "a guest calls query:test.ping.v1",
    unit: "µs",
    better: "lower",
    targets: [
      { kind: "floors-at-most", ratio: 2 },
      { kind: "peers-at-least", ratio: 5 },
    ],
    rounds: 20,
    subject,
    floor: mailboxFloor(CALLS),
    peer,
  },
];
