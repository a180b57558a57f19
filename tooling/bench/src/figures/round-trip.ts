import { localUser } from "@spacedrive/runtime";
import { Arrivals } from "../arrivals.ts";
import type { Contender, Figure } from "../figure.ts";
import { mailboxFloor } from "../floors/mailbox.ts";
import { openCallHost } from "../host/open-host.ts";
import { whileBusy } from "../host/while-busy.ts";
import { prepareExtism } from "../peer/extism.ts";

/** Calls in one loop of the guest: as many for the peer, whose calls become dearer with each since its last reset. */
const CALLS = 200;

/** Loops in a round; the peer has one, because some of its calls take half a second: it loses wake-ups. */
const LOOPS = 10;

/** Which loop of both guests: with 80 bytes or with 10,240. */
type Loop = "ping_loop" | "ping_large_loop";

function subject(loop: Loop): Contender {
  return {
    name: "spacedrive_call of query:test.ping.v1, worker engine, through Wire and gate",
    async open(run) {
      const times = run.scaled(CALLS);
      const arrivals = new Arrivals(times);
      const host = await openCallHost(arrivals.add);
      return {
        async round() {
          const samples: number[] = [];
          for (let index = 0; index < LOOPS; index++) {
            await host.wire.call(`query:bench:${loop}.v1`, { times }, { caller: localUser, library: host.library });
            samples.push(...arrivals.take());
          }
          return samples;
        },
        [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
      };
    },
  };
}

function peer(loop: Loop): Contender {
  return {
    name: "Extism, async host function of a plugin in a worker",
    async open(run) {
      const times = run.scaled(CALLS);
      const arrivals = new Arrivals(times);
      const plugin = await (await prepareExtism(arrivals.add))();
      return {
        async round() {
          await plugin.call(loop, String(times));
          await plugin.reset();
          return arrivals.take();
        },
        [Symbol.asyncDispose]: () => plugin.close(),
      };
    },
  };
}

const figure = { unit: "µs", better: "lower" } as const;

export const figures: readonly Figure[] = [
  {
    ...figure,
    name: "round-trip",
    title: "a guest calls query:test.ping.v1",
    targets: [
      { kind: "floors-at-most", ratio: 2 },
      { kind: "peers-at-least", ratio: 5 },
    ],
    rounds: 20,
    subject: subject("ping_loop"),
    floor: mailboxFloor(CALLS, LOOPS),
    peer: peer("ping_loop"),
  },
  {
    ...figure,
    name: "round-trip-10kb",
    title: "a guest calls query:test.ping.v1 with 10 KB",
    targets: [{ kind: "peers-at-least", ratio: 5 }],
    rounds: 5,
    subject: subject("ping_large_loop"),
    peer: peer("ping_large_loop"),
  },
  {
    ...figure,
    name: "round-trip-busy",
    title: "the same of 80 B, main thread busy half of the time",
    targets: [],
    rounds: 5,
    subject: whileBusy(subject("ping_loop")),
    floor: whileBusy(mailboxFloor(CALLS, LOOPS)),
    peer: whileBusy(peer("ping_loop")),
  },
];
