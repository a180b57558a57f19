import type { HostileModule } from "./hostile-module.js";
import {
  afterHeader,
  body,
  EXTERNREF,
  FUNCREF,
  functionType,
  I32,
  join,
  joinAll,
  module,
  number,
  repeat,
  section,
  text,
} from "./module-bytes.js";

const ACTIVE_AT_0 = [0x41, 0, 0x0b];
const NO_TYPE = [0x60, 0, 0];

/** A section that announces `count` things and has none. */
function announces(id: number, count: number): Uint8Array<ArrayBuffer> {
  return afterHeader(section(id, number(count)));
}

/** Sections that are too long, too many, or not what they say. */
export const HOSTILE_SECTIONS: readonly HostileModule[] = [
  { name: "nothing", bytes: () => new Uint8Array(), ends: ["MODULE_INVALID", /empty/] },
  {
    name: "a page of an error",
    bytes: () => join(Buffer.from("<!doctype html><title>404</title>")),
    ends: ["MODULE_INVALID", /looks like HTML/],
  },
  {
    name: "noise behind a header",
    // Of a linear congruence, so that it is the same each time.
    bytes: () => {
      let state = 1;
      const noise = Uint8Array.from({ length: 100_000 }, () => (state = (state * 48_271) % 0x7fff_ffff) & 0xff);
      return afterHeader(noise);
    },
    ends: ["MODULE_INVALID", /damaged/],
  },
  {
    name: "a section that is longer than the file",
    bytes: () => afterHeader([1], number(0x7fff_ffff), [0]),
    ends: ["MODULE_INVALID", /2147483647 bytes are announced/],
  },
  {
    name: "a number of 64 bits for a length",
    bytes: () => afterHeader([1], repeat(9, [0xff]), [0x01]),
    ends: ["MODULE_INVALID", /more than 32 bits/],
  },
  {
    name: "two memory sections",
    bytes: () => module({ more: section(5, [1, 0, 1]) }),
    ends: ["MODULE_INVALID", /has 2 memories/],
  },
  {
    name: "sections out of their order",
    bytes: () => afterHeader(section(5, [1, 0, 1]), section(7, [1], text("memory"), [2, 0]), section(1, [0])),
    ends: ["MODULE_INVALID", /compiler refuses/],
  },
  {
    name: "a million sections",
    bytes: () => module({ more: repeat(1_000_000, [0, 2, 1, 0x61]) }),
    ends: ["MODULE_INVALID", /more than 1000 sections/],
  },
  { name: "four billion types", bytes: () => announces(1, 0xffff_ffff), ends: ["MODULE_INVALID", /4294967295 types/] },
  {
    name: "a hundred thousand types",
    bytes: () => afterHeader(section(1, number(100_000), repeat(100_000, NO_TYPE))),
    ends: ["MODULE_INVALID", /100000 types and at most 10000/],
  },
  {
    name: "ten thousand types of 25 parameters",
    bytes: () => module({ types: [functionType(0, 0), ...Array.from({ length: 9_999 }, () => functionType(25, 0))] }),
    ends: null,
  },
  {
    name: "ten thousand types of 26 parameters",
    bytes: () => module({ types: [functionType(0, 0), ...Array.from({ length: 9_999 }, () => functionType(26, 0))] }),
    ends: ["MODULE_INVALID", /more than the 250000 parameters and results/],
  },
  {
    name: "a type of a million parameters",
    bytes: () => module({ types: [functionType(1_000_000, 0)] }),
    ends: ["MODULE_INVALID", /1000000 parameters of a type and at most 128/],
  },
  {
    name: "types that name each other",
    bytes: () => afterHeader(section(1, [1, 0x4e, 2, 0x5f, 1, 0x63, 1, 0, 0x5f, 1, 0x63, 0, 0])),
    ends: ["MODULE_INVALID", /garbage-collected/],
  },
  {
    name: "a million functions",
    bytes: () => afterHeader(section(1, [1], NO_TYPE), section(3, number(1_000_000), new Uint8Array(1_000_000))),
    ends: ["MODULE_INVALID", /1000000 functions and at most 100000/],
  },
  {
    name: "a hundred thousand functions",
    bytes: () => module({ bodies: Array.from({ length: 100_000 }, () => body([])) }),
    ends: null,
  },
  {
    name: "functions without bodies",
    bytes: () =>
      afterHeader(
        section(1, [1], NO_TYPE),
        section(3, [2, 0, 0]),
        section(5, [1, 0, 1]),
        section(7, [1], text("memory"), [2, 0]),
      ),
    ends: ["MODULE_INVALID", /compiler refuses/],
  },
  {
    name: "a name of a megabyte",
    bytes: () => module({ exports: [join(text("e".repeat(1_000_000)), [0, 0])] }),
    ends: ["MODULE_INVALID", /longer than 4096 bytes/],
  },
  {
    name: "ten thousand exports with long names",
    bytes: () =>
      module({ exports: Array.from({ length: 9_998 }, (_, i) => join(text(`${i}${"e".repeat(200)}`), [0, 0])) }),
    ends: null,
  },
  {
    name: "an escape sequence in the name of a function that the compiler refuses",
    bytes: () =>
      module({
        bodies: [body([], [0x41, 0])],
        more: section(0, text("name"), section(1, [1, 0], text("\u001b[2J\nforged \u202e"))),
      }),
    ends: ["MODULE_INVALID", /compiler refuses it: .*\\x1b\[2J\\nforged \\u202e/],
  },
  {
    name: "an escape sequence in the name of an export that is there twice",
    bytes: () =>
      module({ exports: [join(text("\u001b]0;title\u0007"), [0, 0]), join(text("\u001b]0;title\u0007"), [0, 0])] }),
    ends: ["MODULE_INVALID", /compiler refuses it: .*\\x1b\]0;title\\x07/],
  },
  {
    name: "a thousand imports that are not there",
    bytes: () =>
      module({
        imports: join(
          number(1_000),
          joinAll(Array.from({ length: 1_000 }, (_, i) => join(text(`${i}${"e".repeat(500)}`), text("f"), [0, 0]))),
        ),
      }),
    ends: ["MODULE_INVALID", /which this host does not have.*more characters\)/],
  },
  {
    name: "more exports than allowed",
    bytes: () => module({ exports: Array.from({ length: 9_999 }, (_, i) => join(text(`${i}`), [0, 0])) }),
    ends: ["MODULE_INVALID", /10001 exports and at most 10000/],
  },
  {
    name: "more imports than allowed",
    bytes: () =>
      module({ imports: join(number(1_001), repeat(1_001, join(text("spacedrive"), text("spacedrive_log"), [0, 0]))) }),
    ends: ["MODULE_INVALID", /1001 imports and at most 1000/],
  },
  {
    name: "a table of ten million entries",
    bytes: () => module({ tables: join([1, FUNCREF, 0], number(10_000_000)) }),
    ends: ["MODULE_INVALID", /tables start with 10000000 entries and 100000 are allowed \(maxTableEntries\)/],
  },
  {
    name: "a hundred tables of 10,000 entries",
    bytes: () => module({ tables: join([100], repeat(100, join([EXTERNREF, 0], number(10_000)))) }),
    ends: ["MODULE_INVALID", /tables start with 1000000 entries/],
  },
  {
    name: "a table with an initial value",
    bytes: () => module({ tables: join([1, 0x40, 0, FUNCREF, 0], number(10_000_000), [0xd0, FUNCREF, 0x0b]) }),
    ends: ["MODULE_INVALID", /something else than funcref or externref/],
  },
  {
    name: "ten million elements",
    bytes: () =>
      module({ tables: [1, FUNCREF, 0, 1], elements: join([1, 1, 0], number(10_000_000), new Uint8Array(10_000_000)) }),
    ends: ["MODULE_INVALID", /element segments have 10000000 entries or more and at most 1000000/],
  },
  {
    name: "a million elements, all taken into a table of one",
    bytes: () =>
      module({
        tables: [1, FUNCREF, 0, 1],
        elements: join([1, 1, 0], number(1_000_000), new Uint8Array(1_000_000)),
        bodies: [body([], [0x41, 0, 0x41, 0], [0x41, 0xc0, 0x84, 0x3d], [0xfc, 12, 0, 0])],
      }),
    ends: ["GUEST_TRAPPED", /trapped in f/],
  },
  {
    name: "elements that lie beyond their table",
    bytes: () => module({ tables: [1, FUNCREF, 0, 1], elements: join([1, 0], ACTIVE_AT_0, [2, 0, 0]) }),
    ends: ["INIT_FAILED", /trapped in plugin_init/],
  },
  {
    name: "a million globals",
    bytes: () => module({ globals: join(number(1_000_000), repeat(1_000_000, [I32, 1, ...ACTIVE_AT_0])) }),
    ends: ["MODULE_INVALID", /1000000 globals and at most 100000/],
  },
  {
    name: "a hundred thousand globals that hold functions",
    bytes: () => module({ globals: join(number(100_000), repeat(100_000, [FUNCREF, 1, 0xd2, 0, 0x0b])) }),
    ends: null,
  },
  {
    name: "a constant of five million instructions",
    bytes: () =>
      module({
        globals: join([1, I32, 1], repeat(5_000_000, [0x41, 1]), repeat(4_999_999, [0x6a]), [0x0b]),
      }),
    ends: ["MODULE_INVALID", /constant expression at byte \d+ has more than 100 instructions/],
  },
  {
    name: "a hundred thousand data segments, one over the other",
    bytes: () => module({ data: join(number(100_000), repeat(100_000, [0, ...ACTIVE_AT_0, 1, 0x61])) }),
    ends: null,
  },
  {
    name: "a data segment that announces four billion bytes",
    bytes: () => module({ data: join([1, 0], ACTIVE_AT_0, number(0xffff_ffff)) }),
    ends: ["MODULE_INVALID", /4294967295 bytes are announced/],
  },
  {
    name: "a million tags",
    bytes: () => module({ tags: join(number(1_000_000), repeat(1_000_000, [0, 0])) }),
    ends: ["MODULE_INVALID", /1000000 tags and at most 1000/],
  },
  {
    name: "a start function that takes parameters",
    bytes: () =>
      afterHeader(
        section(1, [1], functionType(1, 0)),
        section(3, [1, 0]),
        section(5, [1, 0, 1]),
        section(7, [1], text("memory"), [2, 0]),
        section(8, [0]),
        section(10, [1], body([])),
      ),
    ends: ["MODULE_INVALID", /compiler refuses/],
  },
  {
    name: "names for five million functions, in a trap",
    bytes: () =>
      module({
        bodies: [body([], [0x00])],
        more: section(0, text("name"), section(1, number(5_000_000), repeat(5_000_000, [0, 1, 0x61]))),
      }),
    ends: ["GUEST_TRAPPED", /trapped in f: unreachable/],
  },
];
