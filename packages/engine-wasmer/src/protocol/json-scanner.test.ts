import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonScanner } from "./json-scanner.js";

const scanner = new JsonScanner();

/** Whether the scanner takes it in the place of a value that nobody needs, and of one that is kept. */
function takes(text: string): readonly [skipped: boolean, kept: boolean] {
  const bytes = Buffer.from(`{"it":${text}}`);
  const walk = (take: () => void): boolean => {
    try {
      scanner.open(bytes, 0, bytes.length);
      scanner.object(take);
      scanner.close();
      return true;
    } catch {
      return false;
    }
  };
  return [walk(() => scanner.skip()), walk(() => scanner.value())];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("a scanner of records", () => {
  test.each(["7", "-0.5e+10", "0", "[]", "{}", '{"a":[1,{"b":null}],"c":"\\u00e9\\n"}', " [ true , false ] ", '""'])(
    "takes %s",
    (text) => {
      expect([isJson(text), ...takes(text)]).toEqual([true, true, true]);
    },
  );

  test.each([
    "007",
    "0x1",
    "+1",
    ".5",
    "1.",
    "1e",
    "-",
    "tru",
    "truee",
    "nul",
    "NaN",
    "[1 2]",
    "[1,]",
    "[,]",
    "[1,,2]",
    "[1:2]",
    "[}",
    "{]",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a" 1}',
    "{1:2}",
    '{"a":1 "b":2}',
    '"\\x"',
    '"\\u12g4"',
    '["\t"]',
    "[1 2,,:}",
    "",
  ])("takes no %s, which is no JSON", (text) => {
    expect([isJson(text), ...takes(text)]).toEqual([false, false, false]);
  });

  test("takes of changed JSON what JSON.parse takes, and nothing else", () => {
    const piece = fc.constantFrom(...'[]{},:"\\0129-+.eEtfn '.split(""), '"a":', "true", "null", "[1]");
    fc.assert(
      fc.property(fc.json(), fc.array(fc.tuple(fc.nat(), piece, fc.nat(2))), (json, changes) => {
        let text = json;
        for (const [at, what, length] of changes) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + what + text.slice(place + length);
        }
        // What closes the record's own object is not of the value.
        const whole = `{"it":${text}}`;
        fc.pre(!whole.includes('"it"', 3) && !hasManyFields(whole));
        expect(takes(text)).toEqual([isJson(whole), isJson(whole)]);
      }),
      { numRuns: 20_000 },
    );
  });

  test("needs a bit for each level of a value, however deep it is", () => {
    const depth = 1_000_000;
    const deep = "[".repeat(depth) + "]".repeat(depth);
    expect(takes(deep)).toEqual([true, true]);
    expect(takes(`${deep.slice(0, -1)}}`)).toEqual([false, false]);
  });
});

/** The text may close the object, and go on with fields of it: more than a record may have. */
function hasManyFields(text: string): boolean {
  return text.split(":").length > 60;
}
