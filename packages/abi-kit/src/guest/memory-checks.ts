import { type GuestCheck, need, needEqual } from "./guest-check.js";
import { fieldsOf, type StrictGuest } from "./strict-guest.js";
import type { HeldRange } from "./strict-memory.js";

const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 255, 1000, 4095, 4097, 65_535, 70_001];
/** What one round of the checks for leaks hands over. */
const ROUND_BYTES = 128 * 1024;
const WARM_UP_ROUNDS = 30;
const ROUNDS = 300;

/** Every byte by its place and its block, so that a part in the wrong place shows. */
function patternOf(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed * 17) & 0xff);
}

/** Allocates many blocks, sees that each keeps what it holds, and frees them in another order. */
function tryAllocator(guest: StrictGuest): void {
  const { memory } = guest;
  const blocks: { readonly range: HeldRange; readonly bytes: Uint8Array }[] = [];
  for (let round = 0; round < 4; round++) {
    for (const size of SIZES) {
      const range = memory.allocate(`a block of ${size} bytes`, size);
      const bytes = patternOf(size, blocks.length);
      memory.write(range, bytes);
      blocks.push({ range, bytes });
    }
  }
  for (const { range, bytes } of blocks) {
    const kept = memory.read("The kit", "block", range.pointer, range.size);
    need(
      "4",
      Buffer.compare(kept, bytes) === 0,
      `The ${range.size} bytes at ${range.pointer} changed while the host had them: the guest has used memory that it had lent.`,
    );
  }
  const order = [
    ...blocks.filter((_, index) => index % 3 === 1),
    ...blocks.filter((_, index) => index % 3 !== 1).reverse(),
  ];
  for (const { range } of order) memory.free(range);
}

/** Runs rounds, and sees that the memory does not grow by what they hand over. */
function needNoLeak(section: string, guest: StrictGuest, round: (index: number) => void, hint: string): void {
  for (let i = 0; i < WARM_UP_ROUNDS; i++) round(i);
  const before = guest.memory.byteLength;
  for (let i = 0; i < ROUNDS; i++) round(i);
  const grown = guest.memory.byteLength - before;
  need(
    section,
    grown < (ROUNDS * ROUND_BYTES) / 2,
    `Its memory grew by ${Math.round(grown / 1024)} KiB in ${ROUNDS} rounds that each handed over ${ROUND_BYTES / 1024} KiB: ${hint}`,
  );
}

export const MEMORY_CHECKS: readonly GuestCheck<StrictGuest>[] = [
  {
    id: "memory/allocator",
    promise: "wasm_alloc answers memory of its own for every size, and what it holds stays until wasm_free.",
    sections: ["4"],
    run: (bench) => tryAllocator(bench.start()),
  },
  {
    id: "memory/no-collection-of-lent-memory",
    promise: "Memory from wasm_alloc stays the host's while the guest works, also where it collects garbage.",
    sections: ["4"],
    run: (bench) => {
      const guest = bench.start();
      const bytes = patternOf(50_000, 3);
      const range = guest.memory.allocate("a block of the kit", bytes.length);
      guest.memory.write(range, bytes);
      for (let i = 0; i < 200; i++) guest.handle("echo.v1", { text: "x".repeat(20_000) });
      const kept = guest.memory.read("The kit", "block", range.pointer, range.size);
      need(
        "4",
        Buffer.compare(kept, bytes) === 0,
        "A block that the host held was overwritten while the guest worked.",
      );
      guest.memory.free(range);
    },
  },
  {
    id: "memory/inputs-come-back",
    promise: "wasm_free takes back contexts, inputs and blocks: calls do not use memory up.",
    sections: ["4"],
    run: (bench) => {
      const guest = bench.start();
      const text = "x".repeat(ROUND_BYTES);
      needNoLeak("4", guest, () => void guest.handle("echo.v1", { text }), "does wasm_free give the memory back?");
    },
  },
  {
    id: "memory/answers-are-freed",
    promise: "The guest frees the block of spacedrive_call.",
    sections: ["4"],
    run: (bench) => {
      const guest = bench.start();
      const answer = JSON.stringify({ text: "x".repeat(ROUND_BYTES) });
      guest.script.call = () => answer;
      needNoLeak(
        "4",
        guest,
        () => void guest.handle("relay.v1", { text: "" }),
        "does the guest free the block that spacedrive_call answers, by wasm_free(pointer, 4 + n)?",
      );
    },
  },
  {
    id: "memory/errors-are-freed",
    promise: "The guest frees the block of spacedrive_call also where it holds an error.",
    sections: ["4", "5"],
    run: (bench) => {
      const guest = bench.start();
      const answer = JSON.stringify({ error: "x".repeat(ROUND_BYTES), code: "CONFLICT", retryable: false });
      guest.script.call = () => answer;
      needNoLeak("4", guest, () => void guest.handle("recover.v1", {}), "does the guest free the block of an error?");
    },
  },
  {
    id: "memory/states-are-freed",
    promise: "Jobs one after the other do not use memory up.",
    sections: ["4", "6"],
    run: (bench) => {
      const guest = bench.start();
      const padding = "x".repeat(ROUND_BYTES);
      const state = { target: 1, current: 0, from_a_later_version: padding };
      needNoLeak("4", guest, () => void guest.runJob("count", state), "does the guest keep the states of its jobs?");
    },
  },
  {
    id: "memory/nothing-freed-twice",
    promise: "After calls, errors and jobs the allocator is whole: no block was freed twice.",
    sections: ["4"],
    run: (bench) => {
      const guest = bench.start();
      guest.script.call = ({ payload }) => JSON.stringify(payload);
      for (let i = 0; i < 50; i++) {
        guest.handle("relay.v1", { text: "y".repeat(i * 40) });
        guest.handle("fail.v1", { message: "again" });
        guest.runJob("count", { target: 11 });
      }
      tryAllocator(guest);
      needEqual(
        "7",
        "The echo after it",
        fieldsOf("echo.v1", guest.handle("echo.v1", { text: "whole" }))["text"],
        "whole",
      );
    },
  },
];
