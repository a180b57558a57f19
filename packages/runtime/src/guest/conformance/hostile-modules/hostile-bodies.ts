import type { HostileModule } from "./hostile-module.js";
import { body, functionType, I32, I64, join, joinAll, module, number, repeat } from "./module-bytes.js";

const EMPTY = 0x40;
const END = [0x0b];
const BLOCK = [0x02, EMPTY];
const LOOP = [0x03, EMPTY];
const GET = [0x20, 0];
const SET = [0x21, 0];
const IF = [...GET, 0x04, EMPTY];
const BR_IF = [...GET, 0x0d, 0];
const DROP = [0x1a];
const ADD = [0x6a];
const CALL_1 = [0x10, 1];
const CALL_INDIRECT = [...GET, 0x11, 0, 0];
const TRY = [0x06, EMPTY];
const CATCH_ALL = [0x19];

const TOO_MANY_VALUES = ["MODULE_INVALID", /Function \d+ keeps \d+ values at its branches.*maxBranchValues/] as const;
const TOO_MANY_VALUES_TOGETHER = [
  "MODULE_INVALID",
  /keep \d+ values at their branches together and 100000000 are allowed \(maxModuleBranchValues\)/,
] as const;
const TOO_MANY_LOOPS = ["MODULE_INVALID", /Function 0 has \d+ loops and 1000 are allowed \(maxLoops\)/] as const;
const TOO_MANY_LOCALS = ["MODULE_INVALID", /have \d+ locals .* 100000000 are allowed \(maxLocals\)/] as const;
const TOO_LARGE = [
  "MODULE_INVALID",
  /Function 0 has \d+ bytes and 65536 are allowed \(maxFunctionBodyBytes\)/,
] as const;

/** One function of these locals and this code. */
function code(locals: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return module({ bodies: [body([[locals, I32]], ...parts), body([])] });
}

/** As many functions as a module may have, each of these locals and nine blocks. */
function manyFunctions(locals: number): Uint8Array<ArrayBuffer> {
  const one = body([[locals, I32]], repeat(9, [...BLOCK, ...END]));
  return module({ bodies: Array.from({ length: 100_000 }, () => one) });
}

/** The first function calls as many others, each of these locals and so many blocks: each is compiled at its first call. */
function callsAll(functions: number, locals: number, blocks: number): Uint8Array<ArrayBuffer> {
  const most = 15_000;
  const callers = Math.ceil(functions / most);
  const called = (from: number, to: number): Uint8Array =>
    joinAll(Array.from({ length: to - from }, (_, index) => join([0x10], number(from + index))));
  const one = body([[locals, I32]], repeat(blocks, [...BLOCK, ...END]));
  const first = 1 + callers;
  return module({
    bodies: [
      body([], called(1, first)),
      ...Array.from({ length: callers }, (_, index) =>
        body([], called(first + index * most, first + Math.min(functions, (index + 1) * most))),
      ),
      ...Array.from({ length: functions }, () => one),
    ],
  });
}

function branchTable(targets: number): Uint8Array {
  return join(BLOCK, GET, [0x0e], number(targets), repeat(targets + 1, [0]), END);
}

/** Functions that a compiler takes long for, or much memory. Just within the limits they cost little; beyond they are refused. */
export const HOSTILE_BODIES: readonly HostileModule[] = [
  {
    name: "a million locals",
    bytes: () => code(1_000_000),
    ends: ["MODULE_INVALID", /compiler refuses/],
  },
  {
    name: "more locals than 32 bits can count",
    bytes: () =>
      module({
        bodies: [
          body([
            [0xffff_ffff, I32],
            [0xffff_ffff, I32],
          ]),
        ],
      }),
    ends: ["MODULE_INVALID", /maxLocals/],
  },
  { name: "50,000 locals, and nothing done with them", bytes: () => code(50_000), ends: null },
  {
    name: "100,000 functions of 50,000 locals and nine blocks each",
    bytes: () => manyFunctions(50_000),
    ends: TOO_MANY_LOCALS,
  },
  {
    name: "100,000 functions of 1,000 locals and nine blocks each",
    bytes: () => manyFunctions(1_000),
    ends: TOO_MANY_VALUES_TOGETHER,
  },
  { name: "100,000 functions of 100 locals and nine blocks each", bytes: () => manyFunctions(100), ends: null },
  {
    name: "9,900 functions of 1,000 locals and ten blocks, all called",
    bytes: () => callsAll(9_900, 1_000, 10),
    ends: null,
  },
  {
    name: "990 functions of 1,000 locals and 100 blocks, all called",
    bytes: () => callsAll(990, 1_000, 100),
    ends: null,
  },
  {
    name: "200 functions of 49,900 locals and ten blocks, all called",
    bytes: () => callsAll(200, 49_900, 10),
    ends: null,
  },
  {
    name: "50,000 locals at 30,000 calls",
    bytes: () => code(50_000, repeat(30_000, CALL_1)),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "a thousand locals at 13,000 branches one after another",
    bytes: () => code(1_000, repeat(13_000, [...IF, ...END])),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "a thousand locals at 10,000 branches one within another",
    bytes: () => code(1_000, repeat(10_000, IF), repeat(10_000, END)),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "7,000 operands at 6,000 branches",
    bytes: () => code(1, repeat(7_000, GET), repeat(6_000, [...IF, ...END]), repeat(7_000, DROP)),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "blocks of 128 parameters, 20,000 deep",
    bytes: () =>
      module({
        types: [functionType(0, 0), functionType(128, 0)],
        bodies: [body([[1, I32]], repeat(128, GET), repeat(20_000, [0x02, 1]), repeat(128, DROP), repeat(20_000, END))],
      }),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "30,000 calls that answer 16 numbers each",
    bytes: () =>
      module({
        types: [functionType(0, 0), functionType(0, 16)],
        bodies: [body([], repeat(30_000, CALL_1), [0x00]), body([], repeat(16, [0x41, 0]))],
        typeOf: [0, 1],
      }),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "15,000 calls that can be caught, with 60 locals",
    bytes: () => code(60, TRY, repeat(15_000, CALL_1), CATCH_ALL, END),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "a br_table of 65,000 targets, with 1,000 locals",
    bytes: () => code(1_000, branchTable(65_000)),
    ends: TOO_MANY_VALUES,
  },
  {
    name: "a br_table that announces more targets than it has",
    bytes: () => code(1, BLOCK, GET, [0x0e], number(0xffff_ffff), repeat(3_000, [0]), END),
    ends: ["MODULE_INVALID", /4294967295 targets of a br_table/],
  },
  {
    name: "21,000 loops one within another",
    bytes: () => code(1, repeat(21_000, LOOP), repeat(21_000, END)),
    ends: TOO_MANY_LOOPS,
  },
  {
    name: "21,000 loops one after another",
    bytes: () => code(1, repeat(21_000, [...LOOP, ...END])),
    ends: TOO_MANY_LOOPS,
  },
  {
    name: "a function of half a megabyte of small loops",
    bytes: () => code(4, repeat(40_000, [...LOOP, ...BR_IF, ...END, ...GET, ...SET])),
    ends: TOO_LARGE,
  },
  { name: "a function of 8 MB of nothing", bytes: () => code(0, repeat(8_000_000, [0x01])), ends: TOO_LARGE },
  {
    name: "an instruction that nobody knows",
    bytes: () => code(1, [0xff]),
    ends: ["MODULE_INVALID", /instruction 0xff .* is unknown/],
  },
  {
    name: "garbage-collected arrays",
    bytes: () => code(1, [0xfb, 6, 0], DROP),
    ends: ["MODULE_INVALID", /instruction 0xfb .*wasm GC/],
  },
  {
    name: "a chain of tail calls without an end, which nothing could stop",
    bytes: () => code(0, [0x12, 0]),
    ends: ["MODULE_INVALID", /Function 0 makes a tail call/],
  },
  {
    name: "blocks that are not closed",
    bytes: () => code(1, repeat(30_000, BLOCK)),
    ends: ["MODULE_INVALID", /compiler refuses/],
  },
  {
    name: "20,000 blocks one within another",
    bytes: () => code(1, repeat(20_000, BLOCK), repeat(20_000, END)),
    ends: null,
  },
  {
    name: "a thousand loops one within another, with 350 locals that change in the innermost",
    bytes: () =>
      code(
        350,
        repeat(1_000, LOOP),
        ...Array.from({ length: 350 }, (_, i) => [...GET, 0x21, ...number(i)]),
        repeat(1_000, END),
      ),
    ends: null,
  },
  { name: "a br_table of 65,000 targets", bytes: () => code(1, branchTable(65_000)), ends: null },
  { name: "21,000 operands", bytes: () => code(1, repeat(21_000, GET), repeat(20_999, ADD), DROP), ends: null },
  {
    name: "13,000 indirect calls",
    bytes: () => module({ tables: [1, 0x70, 0, 1], bodies: [body([[1, I32]], repeat(13_000, CALL_INDIRECT))] }),
    ends: ["GUEST_TRAPPED", /trapped in f/],
  },
  {
    name: "7,000 calls that can be caught, with 60 locals",
    bytes: () => code(60, TRY, repeat(7_000, CALL_1), CATCH_ALL, END),
    ends: null,
  },
  {
    name: "400 functions of 60 KB, all called",
    bytes: () => {
      const arithmetic = body([[4, I32]], repeat(6_000, [...GET, 0x20, 1, 0x6c, 0x20, 2, ...ADD, ...SET]));
      const calls = Array.from({ length: 399 }, (_, i) => [0x10, ...number(i + 1)]).flat();
      return module({ bodies: [body([], calls), ...Array.from({ length: 399 }, () => arithmetic)] });
    },
    ends: null,
  },
  {
    name: "recursion without an end",
    bytes: () => module({ bodies: [body([], [0x10, 0])] }),
    ends: ["GUEST_TRAPPED", /stack overflowed/],
  },
  {
    name: "recursion that throws, and keeps what it has caught",
    bytes: () =>
      module({
        types: [functionType(0, 0), functionType(128, 0, I64)],
        tags: [1, 0, 1],
        bodies: [body([], TRY, repeat(128, [0x42, 1]), [0x08, 0], CATCH_ALL, [0x10, 0], END)],
      }),
    ends: ["GUEST_TRAPPED", /stack overflowed/],
  },
];
