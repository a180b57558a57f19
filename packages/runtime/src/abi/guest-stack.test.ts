import { describe, expect, test } from "vitest";
import { GuestStackReader } from "./guest-stack.js";

/** Byte in the module; source, line and column, or none where the compiler made the code by itself. */
type Segment = readonly [at: number, place?: readonly [source: number, line: number, column: number]];

const SOURCES = ["assembly/index.ts", "~lib/array.ts"];
const BODY_STARTS = Uint32Array.of(0, 100, 200);

function vlq(value: number): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = "";
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += digits.charAt(rest > 0 ? digit + 32 : digit);
  } while (rest > 0);
  return text;
}

function sourceMap(segments: readonly Segment[]): string {
  let last = 0;
  let lastPlace: readonly [number, number, number] = [0, 0, 0];
  const mappings = segments.map(([at, place]) => {
    const column = vlq(at - last);
    last = at;
    if (place === undefined) return column;
    const moved = place.map((value, index) => vlq(value - (lastPlace[index] ?? 0))).join("");
    lastPlace = place;
    return column + moved;
  });
  return JSON.stringify({ version: 3, sources: SOURCES, names: [], mappings: mappings.join(",") });
}

/** The one line of a stack with a frame of function `index` at byte `at`. */
function frame(segments: readonly Segment[], name: string, index: number, at: number): string | undefined {
  // Behind it: Node takes a map's very last segment for one with a source.
  const map = sourceMap([...segments, [300, [0, 0, 0]]]);
  const reader = new GuestStackReader(map, 7, BODY_STARTS);
  return reader.read(`Error\n    at ${name} (wasm://wasm/x:wasm-function[${index}]:0x${(at + 7).toString(16)})`)[0];
}

describe("a guest's stack", () => {
  test("tells the author's line, for code that the compiler made behind it, too", () => {
    const segments: Segment[] = [[110, [0, 9, 4]], [120], [130]];
    expect(frame(segments, "f", 1, 115)).toBe("f (assembly/index.ts:10:5)");
    expect(frame(segments, "f", 1, 120)).toBe("f (assembly/index.ts:10:5)");
    expect(frame(segments, "f", 1, 135)).toBe("f (assembly/index.ts:10:5)");
  });

  test("takes no line from the function before", () => {
    const segments: Segment[] = [[199, [0, 9, 4]], [200]];
    expect(frame(segments, "g", 2, 210)).toBe("g (byte 0xd2)");
    expect(frame([[199, [0, 9, 4]]], "g", 2, 210)).toBe("g (byte 0xd2)");
    expect(frame([[200, [0, 9, 4]], [201]], "g", 2, 210)).toBe("g (assembly/index.ts:10:5)");
  });

  test("names the author's nearest line where library code was inlined behind it", () => {
    const segments: Segment[] = [[110, [0, 9, 4]], [115, [1, 112, 2]], [120, [1, 113, 41]], [130]];
    expect(frame(segments, "assembly/index/f", 1, 140)).toBe(
      "assembly/index/f (near assembly/index.ts:10:5, in ~lib/array.ts:114:42)",
    );
    expect(frame(segments, "~lib/array/Array#__get", 1, 140)).toBe("~lib/array/Array#__get (~lib/array.ts:114:42)");
  });

  test("gives bytes of the file that was built where no map is there", () => {
    const reader = new GuestStackReader(null, 7, BODY_STARTS);
    expect(reader.read("    at wasm://wasm/x:wasm-function[1]:0x75")).toEqual(["function 1 (byte 0x6e)"]);
  });

  describe("with a map that would cost too much to read", () => {
    const hundredThousand = 100_000;
    const lineBy = (map: unknown): string | undefined =>
      new GuestStackReader(JSON.stringify(map), 0, BODY_STARTS).read("    at wasm://wasm/x:wasm-function[1]:0x6e")[0];
    const read = "function 1 (a.ts:1:1)";
    const unread = "function 1 (byte 0x6e)";

    test.each([
      [
        "as many mappings as are taken",
        { version: 3, sources: ["a.ts"], names: [], mappings: `oGAAA${",A".repeat(hundredThousand - 1)}` },
        read,
      ],
      [
        "one more",
        { version: 3, sources: ["a.ts"], names: [], mappings: `oGAAA${",A".repeat(hundredThousand)}` },
        unread,
      ],
      [
        "as many lines",
        { version: 3, sources: ["a.ts"], names: [], mappings: `oGAAA${";".repeat(hundredThousand)}` },
        unread,
      ],
      [
        "a hundred thousand names",
        { version: 3, sources: ["a.ts"], names: Array.from({ length: hundredThousand }, () => 0), mappings: "oGAAA,A" },
        unread,
      ],
      [
        "maps within",
        {
          version: 3,
          sections: [
            { offset: { line: 0, column: 0 }, map: { version: 3, sources: ["a.ts"], names: [], mappings: "oGAAA,A" } },
          ],
        },
        unread,
      ],
      ["mappings that are none", { version: 3, sources: ["a.ts"], names: [], mappings: ["oGAAA,A"] }, unread],
      ["nothing", null, unread],
    ])("by %s", (_what, map, line) => {
      expect(lineBy(map)).toBe(line);
    });
  });
});
