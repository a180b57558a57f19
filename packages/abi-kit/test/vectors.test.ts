import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadVectors } from "../src/vectors/load-vectors.js";
import { AbiPage, squeeze } from "./abi-page.js";

const vectors = loadVectors();
const page = new AbiPage(readFileSync(new URL("../../../docs/abi.md", import.meta.url), "utf8"));
const cites = vectors.flatMap((vector) => vector.cites);

/** Where part of a text is cited: the words stand in it, or it stands in the words. */
function isCited(section: string, text: string): boolean {
  return cites.some(({ section: at, words }) => at === section && (text.includes(words) || words.includes(text)));
}

describe("the vectors", () => {
  test("are at least 120 for version 1, each with a name of its own", () => {
    expect(vectors.filter(({ id }) => id.startsWith("v1/")).length).toBeGreaterThanOrEqual(120);
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
  });

  test("cite words that stand in docs/abi.md, in the section that they name", () => {
    const wrong = vectors.flatMap(({ id, cites: own }) =>
      own
        .filter(({ section, words }) => !page.section(section).includes(squeeze(words)))
        .map(({ section, words }) => `${id}: §${section} does not say: ${words}`),
    );
    expect(wrong).toEqual([]);
  });

  test("say in the module's text what they promise, where there is one", () => {
    const silent = vectors.filter(({ source, promise }) => {
      const text = readFileSync(new URL(`../vectors/${source}`, import.meta.url), "utf8");
      return !text.startsWith(`;; ${promise}\n`);
    });
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  test.each(["9", "10"])("hold every row of the tables in §%s", (section) => {
    const open = page.rows(section).filter((row) => !isCited(section, row));
    expect(open.filter((row) => !BEYOND_A_VECTOR.some((words) => row.includes(words)))).toEqual([]);
  });

  test("hold every row of host functions, and every sentence about one of them", () => {
    expect(page.rows("3").filter((row) => !isCited("3", row))).toEqual([]);
    const open = page.hostFunctionSentences().filter((sentence) => !isCited("3", sentence));
    expect(open.filter((sentence) => !BEYOND_A_VECTOR.some((words) => sentence.includes(words)))).toEqual([]);
  });

  test.each(["2", "4", "6"])("hold every row of the tables in §%s", (section) => {
    expect(page.rows(section).filter((row) => !isCited(section, row))).toEqual([]);
  });
});

/** What no vector can hold: what takes a quiet machine, or a look at the host's own log. */
const BEYOND_A_VECTOR: readonly string[] = ["It costs nanoseconds.", "On the host's log a line is one line"];
