import { localUser } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { openCallHost } from "../host/open-host.ts";
import { prepareExtism } from "../peer/extism.ts";

/** Calls in a round of the peer, whose calls become dearer with each since its last reset. */
const CALLS = 100;

/** How many times as many ours makes, so that both are as warm as code that serves becomes. */
const LOOPS = 10;

async function timeEach(times: number, call: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < times; index++) {
    const from = performance.now();
    await call();
    samples.push((performance.now() - from) * 1000);
  }
  return samples;
}

function subject(bytes: number): Contender {
  return {
    name: "an extension's query through Wire: schemas, worker engine, and back",
    async open(run) {
      const host = await openCallHost();
      const input = { data: "x".repeat(bytes) };
      const options = { caller: localUser, library: host.library };
      return {
        round: () => timeEach(run.scaled(CALLS * LOOPS), () => host.wire.call("query:bench:echo.v1", input, options)),
        [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
      };
    },
  };
}

function peer(bytes: number): Contender {
  return {
    name: "Extism, call of a plugin in a worker, JSON in and out",
    async open(run) {
      const plugin = await (await prepareExtism())();
      const input = { data: "x".repeat(bytes) };
      const call = async (): Promise<unknown> => (await plugin.call("echo", JSON.stringify(input)))?.json();
      return {
        async round() {
          const samples = await timeEach(run.scaled(CALLS), call);
          await plugin.reset();
          return samples;
        },
        [Symbol.asyncDispose]: () => plugin.close(),
      };
    },
  };
}

function callFigure(size: string, bytes: number): Figure {
  return {
    name: `call-${size.replace(" ", "").toLowerCase()}`,
    title: `a call to an extension and back, ${size}`,
    unit: "µs",
    better: "lower",
    targets: [{ kind: "peers-at-least", ratio: 5 }],
    rounds: 10,
    subject: subject(bytes),
    peer: peer(bytes),
  };
}

export const figures: readonly Figure[] = [callFigure("80 B", 69), callFigure("100 KB", 100_000)];
