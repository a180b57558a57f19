import { parseJson } from "@spacedrive/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonScanner } from "./json-scanner.js";
import { type GuestMessage, readMessage } from "./read-message.js";
import { ProtocolViolation } from "./record-reader.js";
import { writeRecord } from "./write-record.js";

function parse(text: string | Buffer): GuestMessage {
  const bytes = Buffer.from(text);
  // What is around a record is none of it.
  const around = Buffer.concat([Buffer.from("{{"), bytes, Buffer.from('\u0001"\\}')]);
  return readMessage(new JsonScanner(), around, 2, bytes.length);
}

function outcome(bytes: Buffer): string {
  try {
    return parse(bytes) === null ? "nothing" : "message";
  } catch (error) {
    return error instanceof ProtocolViolation ? "violation" : String(error);
  }
}

function record(fields: string): string {
  return `{"jsonrpc":"2.0",${fields}}`;
}

describe("a record's message", () => {
  test("is a request with its params, in any order and with fields nobody knows", () => {
    const message = parse(
      ' {"later":{"a":[1,{"b":"}"}]},"params":{"level":2,"message":"hi","on":true},"method":"log", "id" : 7 ,"jsonrpc":"2.0"} ',
    );
    expect(message).toMatchObject({ kind: "request", id: "7", method: "log" });
    expect(message.params.get("level")?.number()).toBe(2);
    expect(message.params.get("message")?.text()).toBe("hi");
    expect(message.params.get("on")?.written()).toBe("true");
  });

  test("is an answer, or a failure with its code", () => {
    expect(parse(record('"id":"a-1","result":null'))).toMatchObject({ kind: "answer", id: '"a-1"' });
    const failure = parse(record('"id":1,"error":{"code":-32601,"message":"no"}'));
    expect(failure).toMatchObject({ kind: "failure", errorCode: -32601 });
    expect(failure.errorMessage?.text()).toBe("no");
  });

  test("keeps a value that is no string as it was written", () => {
    expect(parse(record('"id":1,"result":{"a" : [1, "}]\\""]}')).result?.written()).toBe('{"a" : [1, "}]\\""]}');
  });

  test("decodes every string as JSON does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, ascii) => {
        const written = JSON.stringify(text);
        const json = ascii
          ? written.replaceAll(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
          : written;
        expect(parse(record(`"id":1,"result":${json}`)).result?.text()).toBe(text);
      }),
    );
    expect(parse(record('"id":1,"result":"\\ud800 \\udc00 \\/"')).result?.text()).toBe("\ufffd \ufffd /");
  });

  test("decodes a string of any length as JSON does, wherever its escapes stand", () => {
    const plain = fc
      .tuple(fc.constantFrom("x", "é", "€", "😀"), fc.nat(200))
      .map(([text, times]) => text.repeat(times));
    const escape = fc.constantFrom('\\"', "\\\\", "\\n", "\\u20ac", "\\ud83d\\ude00");
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, escape), { maxLength: 20 }), fc.boolean(), (parts, nested) => {
        const json = `"${parts.join("")}"`;
        expect(parse(record(`"id":1,"result":${json}`)).result?.text()).toBe(parseJson(json, "the string"));
        // As it was written where it is part of another value, and passed over where nobody knows the field.
        const written = nested ? `[${json},${json}]` : `{${json}:${json}}`;
        expect(parse(record(`"later":${written},"id":1,"result":${written}`)).result?.written()).toBe(written);
      }),
    );
  });

  test("is read after any other, by the same reader", () => {
    const scanner = new JsonScanner();
    for (const length of [300, 100, 200, 3, 70]) {
      const text = `${"x".repeat(length)}\\\\${"y".repeat(length)}`;
      const bytes = Buffer.from(record(`"id":1,"result":"${text}"`));
      expect(readMessage(scanner, bytes, 0, bytes.length).result?.text()).toBe(text.replace("\\\\", "\\"));
      const cut = Buffer.from(`{"later":"${"x".repeat(length)}`);
      expect(() => readMessage(scanner, cut, 0, cut.length)).toThrow(/the end of a string/);
    }
  });

  test("refuses a control character in a string of any length, and a string that does not end", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(0x1f), fc.nat(300), fc.boolean(), (before, control, after, kept) => {
        const field = kept ? "result" : "later";
        const from = record(`"id":1,"${field}":"`).slice(0, -1);
        const text = `${"x".repeat(before)}${String.fromCharCode(control)}${"x".repeat(after)}`;
        expect(() => parse(`${from}${text}"}`)).toThrow(/control character/);
        expect(() => parse(`${from}${text}`)).toThrow(/control character/);
        expect(() => parse(`${from}${"x".repeat(before)}`)).toThrow(/the end of a string/);
        expect(() => parse(`${from}${"x".repeat(before)}\\"${"x".repeat(after)}`)).toThrow(/the end of a string/);
      }),
    );
  });

  test("is what was written, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const buffer = Buffer.from(`<<${text}`);
        const written = writeRecord([
          '{"jsonrpc":"2.0","id":1,"result":',
          { buffer, start: 2, length: buffer.length - 2 },
          "}",
        ]);
        const json = written.subarray(1, -1);
        expect(json.some((byte) => byte < 0x20)).toBe(false);
        expect(parseJson(json.toString(), "the record")).toMatchObject({ result: text });
        expect(parse(json).result?.text()).toBe(text);
      }),
    );
  });

  test("is what was written, however long the text is and wherever its parts are cut", () => {
    for (const unit of ["x", "é", "€", "😀", '"', "\u0001", '{"name":"€"},']) {
      for (const shift of ["", "x", "xx", "xxx"]) {
        const text = shift + unit.repeat(40_000);
        const buffer = Buffer.from(text);
        const written = writeRecord([
          record('"id":1').slice(0, -1),
          ',"result":',
          { buffer, start: 0, length: buffer.length },
          "}",
        ]);
        expect(parse(written.subarray(1, -1)).result?.text()).toBe(text);
      }
    }
  });

  test("is JSON also where a text is not UTF-8", () => {
    for (const byte of [0x80, 0xbf, 0xc3, 0xf0, 0xff]) {
      const buffer = Buffer.alloc(50_000, byte);
      const written = writeRecord([
        '{"jsonrpc":"2.0","id":1,"result":',
        { buffer, start: 0, length: buffer.length },
        "}",
      ]);
      expect(parse(written.subarray(1, -1)).result?.text()).toMatch(/^\uFFFD+$/);
    }
  });

  test.each([
    ["nothing", "", /an object was expected/],
    ["a batch", "[]", /an object was expected/],
    ["a string that does not end", '{"jsonrpc":"2.0', /the end of a string/],
    ["an object that does not end", '{"jsonrpc":"2.0"', /a comma or the end of an object/],
    ["something after it", `${record('"id":1,"result":0')} 1`, /something after/],
    ["a raw control character", record('"id":1,"result":"\u0001"'), /control character/],
    ["a false escape", record('"id":1,"result":"\\x"'), /an escape/],
    ["a false unicode escape", record('"id":1,"result":"\\u00g0"'), /four hexadecimal digits/],
    ["no version", '{"id":1,"result":0}', /"jsonrpc": "2.0"/],
    ["neither method nor id", record('"result":0'), /neither a method nor the id/],
    ["an id of another kind", record('"id":1.5,"method":"log"'), /its id is not/],
    ["an id that is long", record(`"id":"${"x".repeat(65)}","method":"log"`), /its id is not/],
    ["an answer without result", record('"id":1'), /neither a result nor an error/],
    ["both", record('"id":1,"result":0,"error":{"code":1}'), /a result and an error/],
    ["a request that answers", record('"id":1,"method":"log","result":0'), /at once/],
    ["an error without code", record('"id":1,"error":{}'), /no whole number/],
    ["many fields", `{${'"a":1,'.repeat(65)}"b":1}`, /more than 64 fields/],
    ["only an opening", '{"a":{"b":[', /a value was expected/],
    ["a stray bracket", '{"a":]}', /a value was expected/],
  ])("is refused: %s", (_what, text, problem) => {
    expect(() => parse(text)).toThrow(ProtocolViolation);
    expect(() => parse(text)).toThrow(problem);
  });

  test("is read or refused, whatever the bytes, and never anything else", () => {
    const token = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      "u00",
      '"id"',
      '"jsonrpc"',
      '"2.0"',
      "1",
      " ",
      "\ud83d",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(token).map((parts) => Buffer.from(parts.join(""))),
        ),
        (bytes) => {
          expect(outcome(Buffer.from(bytes))).toMatch(/^(message|violation)$/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("costs no stack, however deep it is nested", () => {
    expect(parse(record(`"deep":${"[".repeat(1e6)}${"]".repeat(1e6)},"id":1,"result":0`)).kind).toBe("answer");
  });
});
