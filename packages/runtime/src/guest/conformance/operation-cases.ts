import assert from "node:assert/strict";
import { SpacedriveError } from "@spacedrive/wire";
import { assertRejects, type Check } from "./conformance-bench.js";

/** Throws whatever is done with it. */
function untouchable(): object {
  const trap = (): never => {
    throw new Error("a secret of the host");
  };
  return new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap });
}

function raise(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;
const WITH_CYCLE = new SpacedriveError("CONFLICT", "It is there already.", { details: { cycle } });

/** A host in JavaScript may break its types, and the promise that it never rejects. */
const ANSWERS: readonly (readonly [string, () => unknown])[] = [
  ...[
    null,
    undefined,
    "a secret of the host",
    Symbol("x"),
    1n,
    cycle,
    untouchable(),
    new Error("a secret of the host"),
  ].flatMap(
    (thrown) =>
      [
        ["INTERNAL", raise(thrown)],
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- strangers do.
        ["INTERNAL", () => Promise.reject(thrown)],
        ["INTERNAL", async () => (typeof thrown === "string" ? 7 : thrown)],
        ["INTERNAL", () => (typeof thrown === "string" ? undefined : thrown)],
      ] as const,
  ),
  // oxlint-disable-next-line unicorn/no-thenable -- strangers make them.
  ["INTERNAL", () => ({ then: raise(new Error("a secret of the host")) })],
  ["CONFLICT", raise(WITH_CYCLE)],
  ["CONFLICT", () => Promise.reject(WITH_CYCLE)],
];

export const OPERATION_CASES: readonly (readonly [string, Check])[] = [
  [
    "answers a guest with a coded error whatever the host's call throws, rejects with or answers, and the guest lives",
    async (bench) => {
      const guest = await bench.guest();
      for (const [index, [code, answer]] of ANSWERS.entries()) {
        // Proof: none; that is the case.
        bench.host.answer = answer as () => Promise<string>;
        const told = await guest.handle("relay", "{}", "x");
        assert.match(told, new RegExp(`^\\{"error":.*"code":"${code}"`), `answer ${index}`);
        assert.doesNotMatch(told, /secret/, `answer ${index}`);
      }
      assert.equal(await guest.call("seven"), 7);
    },
  ],
  [
    "tells nobody what a call rejects with after its guest was stopped",
    async (bench) => {
      for (const thrown of [null, untouchable(), new Error("late")]) {
        const late = Promise.withResolvers<string>();
        const guest = await bench.guest();
        bench.host.answer = () => late.promise;
        await assertRejects(guest.handle("relay", "{}", "x", { timeoutMs: 50 }), "TIMEOUT");
        late.reject(thrown);
        bench.host.answer = async () => "the next one's";
        assert.equal(await (await bench.guest()).handle("relay", "{}", "x"), "the next one's");
      }
    },
  ],
];
