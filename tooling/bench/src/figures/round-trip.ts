import { localUser } from "@spacedrive/runtime";
import { Arrivals } from "../arrivals.ts";
import type { Contender, Figure } from "../figure.ts";
import { mailboxFloor } from "../floors/mailbox.ts";
import { openCallHost } from "../host/open-host.ts";
import { prepareExtism } from "../peer/extism.ts";

/** Calls in one loop of the guest: as many for the peer, whose calls become dearer with each since its last reset. */
const CALLS = 200;

/** Loops in a round; the peer has one, because some of its calls take half a second: it loses wake-ups. */
const LOOPS = 10;

const subject: Contender = {
  name: "spacedrive_call of query:test.ping.v1, worker engine, through Wire and gate",
  async open(run) {
    const times = run.scaled(CALLS);
    const arrivals = new Arrivals(times);
    const host = await openCallHost(arrivals.add);
    return {
      async round() {
        const samples: number[] = [];
        for (let loop = 0; loop < LOOPS; loop++) {
          await host.wire.call("query:bench:ping_loop.v1", { times }, { caller: localUser, library: host.library });
          samples.push(...arrivals.take());
        }
        return samples;
      },
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const peer: Contender = {
  name: "Extism, async host function of a plugin in a worker",
  async open(run) {
    const times = run.scaled(CALLS);
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
    floor: mailboxFloor(CALLS, LOOPS),
    peer,
  },
];
