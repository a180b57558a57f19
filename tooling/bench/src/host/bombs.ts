import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";
import { compileGuest } from "../compile-guest.ts";
import { expectTimeout } from "../engines/own-engine.ts";

/** Which endless loop of `guests/bombs.wat`: a plain one, or one of `memory.fill` over all the memory there is by default. */
export type Bomb = "loop" | "fill";

/** Lets bombs run into their limit. */
export interface BombHost extends AsyncDisposable {
  /** Runs one on a fresh instance; answers the milliseconds from its limit until its thread is gone. */
  stop(bomb: Bomb, limitMs: number): Promise<number>;
}

export async function openBombHost(): Promise<BombHost> {
  const engine = createWorkerEngine();
  const module = await engine.compile("bombs", await compileGuest("bombs"), DEFAULT_GUEST_LIMITS);
  const host = { call: async () => "{}", log() {}, register: () => true };
  return {
    async stop(bomb, limitMs) {
      const guest = await module.start(host);
      const from = performance.now();
      await expectTimeout(guest, bomb, limitMs);
      // It answers at once; gone is its thread a little later.
      await guest[Symbol.asyncDispose]();
      return performance.now() - from - limitMs;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
