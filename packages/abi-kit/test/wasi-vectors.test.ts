import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadWasiVectors } from "../src/vectors/load-wasi-vectors.js";
import { AbiPage, squeeze } from "./abi-page.js";

const vectors = loadWasiVectors();
const page = new AbiPage(readFileSync(new URL("../../../docs/wasi-protocol.md", import.meta.url), "utf8"));
const cites = vectors.flatMap((vector) => vector.cites);
const SECTIONS = ["1", "2", "3", "4", "5", "6"];

/** Where part of a text is cited: the words stand in it, or it stands in the words. */
function isCited(section: string, text: string): boolean {
  return cites.some(({ section: at, words }) => {
    const cited = squeeze(words);
    return at === section && (text.includes(cited) || cited.includes(text));
  });
}

describe("the vectors of WASI guests", () => {
  test("are at least 80 for version 1, each with a name of its own", () => {
    expect(vectors.filter(({ id }) => id.startsWith("wasi/v1/")).length).toBeGreaterThanOrEqual(80);
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
  });

  test("cite words that stand in docs/wasi-protocol.md, in the section that they name", () => {
    const wrong = vectors.flatMap(({ id, cites: own }) =>
      own
        .filter(({ section, words }) => !page.section(section).includes(squeeze(words)))
        .map(({ section, words }) => `${id}: §${section} does not say: ${words}`),
    );
    expect(wrong).toEqual([]);
  });

  test("say in the module's text what they promise, where it has one", () => {
    const silent = vectors.filter(({ id, source, promise }) => {
      if (!source.endsWith(".wat")) return false;
      return !readFileSync(new URL(`../vectors/${id}.wat`, import.meta.url), "utf8").startsWith(`;; ${promise}\n`);
    });
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  test.each(SECTIONS)("hold every row of the tables in §%s", (section) => {
    expect(page.rows(section).filter((row) => !isCited(section, row))).toEqual([]);
  });

  test.each(SECTIONS)("hold every sentence of §%s, or the list says why not", (section) => {
    const open = page.sentences(section).filter((sentence) => !isCited(section, sentence));
    expect(open.filter((sentence) => !BEYOND_A_VECTOR.some(([words]) => sentence.startsWith(words)))).toEqual([]);
  });

  test("leave nothing on that list that one of them holds, or that the page has no more", () => {
    const all = SECTIONS.flatMap((section) => page.sentences(section).map((sentence) => ({ section, sentence })));
    const idle = BEYOND_A_VECTOR.filter(
      ([words]) => !all.some(({ section, sentence }) => sentence.startsWith(words) && !isCited(section, sentence)),
    );
    expect(idle).toEqual([]);
  });
});

/** How a sentence begins that no vector can hold, and why. */
const BEYOND_A_VECTOR: readonly (readonly [words: string, why: string])[] = [
  ["Such a job asks `query:host.now.v1`", "they are operations of the host, and not of the protocol"],
  ["In some languages the order of a hash map is random", "advice for authors"],
  ["What must last goes through the host's operations.", "advice for authors"],
  ["There is no other word for it", "what must not be relied on"],
  ["What a manifest declares need not be registered.", "an adapter has no manifest"],
  ["[`examples/wasi-assemblyscript-extension`]", "where examples are"],
  ["`packages/engine-wasmer/test/guests/assembly/` has two guests", "where examples are"],
  ["[other-languages.md](other-languages.md)", "where examples are"],
  ["[conformance.md](conformance.md)", "where this kit is"],
];
