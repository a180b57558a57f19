import { createWorkerEngine, type Guest, type GuestEngine, type GuestModule } from "../src/index.js";

/** The default engine, whose instances are counted. */
export interface CountingEngine extends GuestEngine {
  /** Instances that live, of an extension or of all. */
  live(name?: string): number;
  /** Instances that were ever started, of an extension or of all. */
  started(name?: string): number;
}

export function createCountingEngine(): CountingEngine {
  const engine = createWorkerEngine();
  const living = new Map<Guest, string>();
  const started: string[] = [];
  const count = (names: Iterable<string>, name?: string): number =>
    [...names].filter((one) => name === undefined || one === name).length;
  return {
    name: engine.name,
    live: (name) => {
      for (const guest of living.keys()) if (!guest.alive) living.delete(guest);
      return count(living.values(), name);
    },
    started: (name) => count(started, name),
    async compile(name, bytes, limits, options) {
      const module = await engine.compile(name, bytes, limits, options);
      const counting: GuestModule = {
        description: module.description,
        async start(host, startOptions) {
          const guest = await module.start(host, startOptions);
          started.push(name);
          living.set(guest, name);
          return guest;
        },
      };
      return counting;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
