import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader, UnfinishedBytes } from "./message-reader.js";

function reader(maxBytes = 1000, budget = new UnfinishedBytes(100_000)): MessageReader {
  return new MessageReader(maxBytes, budget);
}

describe("MessageReader", () => {
  it("finds the same messages however the bytes are cut", () => {
    const messages = fc.array(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).map((text) => JSON.stringify(text)),
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(messages, cuts, (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(""));
        const read = reader();
        const found: (string | null)[] = [];
        for (let from = 0, cut = 0; from < bytes.length; cut++) {
          const size = sizes[cut % sizes.length] ?? 1;
          found.push(...read.read(bytes.subarray(from, from + size)));
          from += size;
        }
        expect(found).toEqual(texts);
        expect(read.isWithin).toBe(false);
      }),
    );
  });

  it("leaves empty lines out, and takes CR LF", () => {
    expect([...reader().read(Buffer.from("\n\r\n1\r\n \n2\n"))].map((text) => text?.trim())).toEqual(["1", "2"]);
  });

  it("answers null for what is not UTF-8", () => {
    expect([...reader().read(Buffer.from([0xff, 0x0a, 0x31, 0x0a]))]).toEqual([null, "1"]);
  });

  it("takes a message of exactly the limit, and refuses one byte more, also in parts", () => {
    const most = "x".repeat(1000);
    expect([...reader().read(Buffer.from(`${most}\n`))]).toEqual([most]);
    expect(() => [...reader().read(Buffer.from(`${most}x\n`))]).toThrow(
      expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }),
    );
    const parts = reader();
    expect([...parts.read(Buffer.from(most))]).toEqual([]);
    expect(() => [...parts.read(Buffer.from("x"))]).toThrow(expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }));
  });

  it("shares what is unfinished between readers, and gives it back", () => {
    const budget = new UnfinishedBytes(2000);
    const [first, second, third] = [reader(1000, budget), reader(1000, budget), reader(1000, budget)];
    expect([...first.read(Buffer.from("a"))]).toEqual([]);
    expect([...second.read(Buffer.from("b"))]).toEqual([]);
    expect(() => [...third.read(Buffer.from("c"))]).toThrow(expect.objectContaining({ code: "BUSY" }));
    first.drop();
    expect([...third.read(Buffer.from("c\nd"))]).toEqual(["c"]);
    expect([...second.read(Buffer.from("\n"))]).toEqual(["b"]);
  });
});
