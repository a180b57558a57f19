import { localUser } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { benchId } from "../host/bench-extension.ts";
import { openCallHost } from "../host/open-host.ts";
import { prepareExtism } from "../peer/extism.ts";

const EXTENSIONS = 8;
const CALLS = 2_000;
/** The peer loses wake-ups, each for half a second: more would take minutes. */
const PEER_CALLS = 4;

async function ratePerSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (count * 1000) / (performance.now() - from);
}

const eight = <T>(make: (index: number) => T): T[] => Array.from({ length: EXTENSIONS }, (_, index) => make(index));

const subject: Contender = {
  name: "eight extensions call query:test.ping.v1 at once, as fast as they can",
  async open(run) {
    const host = await openCallHost(() => {}, { copies: EXTENSIONS });
    const times = run.scaled(CALLS);
    const options = { caller: localUser, library: host.library };
    return {
      round: async () => [
        await ratePerSecond(times * EXTENSIONS, () =>
          Promise.all(eight((index) => host.wire.call(`query:${benchId(index)}:ping_loop.v1`, { times }, options))),
        ),
      ],
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const peer: Contender = {
  name: "the same of eight plugins of Extism in workers",
  async open(run) {
    const start = await prepareExtism();
    const plugins = await Promise.all(eight(() => start()));
    const times = run.scaled(PEER_CALLS);
    return {
      async round() {
        const rate = await ratePerSecond(times * EXTENSIONS, () =>
          Promise.all(plugins.map((plugin) => plugin.call("ping_loop", String(times)))),
        );
        await Promise.all(plugins.map((plugin) => plugin.reset()));
        return [rate];
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(plugins.map((plugin) => plugin.close()));
      },
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "at-once-8",
    title: "host calls of eight extensions at once, together",
    unit: "/s",
    better: "higher",
    targets: [],
    rounds: 5,
    subject,
    peer,
  },
];
