import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolViolation, RecordReader } from "./record-reader.js";

const MARK = "\u001e";

function read(parts: readonly (string | Buffer)[], maxRecordBytes = 1000): { records: string[]; lines: string[] } {
  const records: string[] = [];
  const lines: string[] = [];
  const reader = new RecordReader(
    {
      onRecord: (buffer, start, length) => records.push(buffer.toString("utf8", start, start + length)),
      onLine: (buffer, start, length) => lines.push(buffer.toString("utf8", start, start + length)),
    },
    maxRecordBytes,
  );
  for (const part of parts) {
    // In the middle of a larger buffer, as in a guest's memory, with marks of its own around it.
    const bytes = Buffer.from(part);
    const memory = Buffer.concat([Buffer.from(`${MARK}x\n`), bytes, Buffer.from(`${MARK}y\n`)]);
    reader.push(memory, 3, bytes.length);
  }
  reader.finish();
  return { records, lines };
}

describe("a record reader", () => {
  test("tells records from the lines around them", () => {
    expect(read([`hello\n${MARK}{"a":1}\nworld\n${MARK}{}\n`])).toEqual({
      records: ['{"a":1}', "{}"],
      lines: ["hello", "world"],
    });
  });

  test("takes a record that begins in the middle of a line, and a last line without an end", () => {
    expect(read([`half${MARK}{}\nrest`])).toEqual({ records: ["{}"], lines: ["half", "rest"] });
  });

  test("finds the same however the stream is cut", () => {
    const stream = Buffer.from(`one\n\ntwo${MARK}{"text":"€"}\n${MARK}{"b":2}\nlast\n`);
    const whole = read([stream]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        expect(read(places.slice(1).map((place, i) => stream.subarray(places[i], place)))).toEqual(whole);
      }),
    );
  });

  test("takes a record of the limit and refuses one byte more, also before it has ended", () => {
    expect(read([MARK, "x".repeat(10), "\n"], 10).records).toEqual(["x".repeat(10)]);
    expect(() => read([MARK, "x".repeat(6), "x".repeat(5)], 10)).toThrow(/more than the 10 bytes/);
    expect(() => read([`${MARK}${"x".repeat(11)}\n`], 10)).toThrow(ProtocolViolation);
  });

  test("refuses a record that begins in another", () => {
    expect(() => read([`${MARK}{"a"${MARK}{}\n`])).toThrow(/before the one before it has ended/);
  });

  test("hands on a line without an end in parts, and holds no more of it", () => {
    const { lines } = read(["x".repeat(100_000), "x".repeat(100_000)]);
    expect(lines.map((line) => line.length)).toEqual([65_536, 65_536, 65_536, 200_000 - 3 * 65_536]);
  });
});
