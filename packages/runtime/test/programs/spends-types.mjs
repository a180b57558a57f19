// Run by hostile-modules.test.ts: compiles modules of 10,000 function types each, all different, until one is refused; prints after
// how many, and that a module of ordinary types is still taken.
import { createWorkerEngine, DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime";

const PARAMETERS = 23;
let serial = 0;

/** A module whose types are parameters of i32 and i64 in the order of a number's bits. */
function spender(types) {
  const entries = Array.from({ length: types }, () => {
    const number = serial++;
    return [0x60, PARAMETERS, ...Array.from({ length: PARAMETERS }, (_, bit) => 0x7e + ((number >> bit) & 1)), 0];
  });
  return module([...leb(types), ...entries.flat()]);
}

function module(types) {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const memory = [5, 3, 1, 0, 1, 7, 10, 1, 6, ...Buffer.from("memory"), 2, 0];
  return Uint8Array.from([...header, 1, ...leb(types.length), ...types, ...memory]);
}

function leb(value) {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}

const engine = createWorkerEngine();
let taken = 0;
let refusal = null;
while (refusal === null && taken < 250) {
  await engine.compile("spender", spender(10_000), DEFAULT_GUEST_LIMITS).then(
    () => taken++,
    (error) => {
      refusal = `${error.code} ${error.message}`;
    },
  );
}
await engine.compile(
  "ordinary",
  module([1, 0x60, PARAMETERS, ...Array(PARAMETERS).fill(0x7e), 0]),
  DEFAULT_GUEST_LIMITS,
);
await engine[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify({ taken, refusal }));
