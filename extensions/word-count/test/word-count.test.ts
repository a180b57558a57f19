import { readFileSync } from "node:fs";
import { createTestHost, type TestHost } from "@spacedrive/testkit";
import { describe, expect, it } from "vitest";
import { countInJavascript } from "./count-in-javascript.js";
import { harvest } from "./harvest.js";

const repository = new URL("../../../", import.meta.url);
const real = (path: string): string => readFileSync(new URL(path, repository), "utf8");

/** Real files of this repository, and small ones for the borders. */
const TEXTS: Readonly<Record<string, string>> = {
  "README.md": real("README.md"),
  "docs/architecture.md": real("docs/architecture.md"),
  "src/errors.ts": real("packages/wire/src/errors.ts"),
  "languages.txt": "Grüße, Größe & STRASSE\nÇa va? L'été, aujourd’hui.\n東京 です\nΣίσυφος — сло́во 🌍 fin\n",
  "empty.txt": "",
  "one-line.txt": "no line feed at its end",
  "blank-lines.txt": "\n\n  \n",
  "crlf.txt": "one\r\ntwo\r\n",
};
const NAMES = Object.keys(TEXTS);

function open(files: Readonly<Record<string, string | Uint8Array>> = TEXTS): Promise<TestHost> {
  return createTestHost({ extension: ".", files });
}

describe("count", { timeout: 60_000 }, () => {
  it("counts what regular expressions count, and writes it beside each file", async () => {
    await using host = await open();
    const job = await host.dispatch("count", { location_id: host.location });
    expect(await job.done()).toMatchObject({ status: "completed", warnings: [] });

    const expected = NAMES.map((name) => {
      const { lines, words, ...rest } = countInJavascript(TEXTS[name] ?? "");
      const report = { lines, words, ...rest };
      return [name, { metadata: { lines, words }, sidecars: ["word-count.json"], report }];
    });
    expect(await harvest(host)).toEqual(Object.fromEntries(expected));
  });

  it("answers the sum of all files", async () => {
    await using host = await open();
    const job = await host.dispatch("count", { location_id: host.location });
    const { result, metrics } = await job.done();
    const counts = NAMES.map((name) => countInJavascript(TEXTS[name] ?? ""));
    const sum = (field: "lines" | "words" | "bytes"): number =>
      counts.reduce((total, count) => total + count[field], 0);
    expect(result).toEqual({
      files: NAMES.length,
      skipped: 0,
      lines: sum("lines"),
      words: sum("words"),
      bytes: sum("bytes"),
      most_frequent: countInJavascript(NAMES.map((name) => TEXTS[name]).join("\n")).most_frequent,
    });
    expect(metrics).toEqual({ items: NAMES.length, bytes: sum("bytes") });
  });

  it("leaves out what is no text, with a warning where that was not to be expected", async () => {
    await using host = await open({
      "a.txt": "two words",
      "latin1.txt": new Uint8Array([0x67, 0x72, 0xfc, 0xdf]),
      "nul.txt": new Uint8Array([0x61, 0x00, 0x62]),
      "picture.png": new Uint8Array([0x89, 0x50, 0x4e, 0x47]),
    });
    const job = await host.dispatch("count", { location_id: host.location });
    expect(await job.done()).toMatchObject({
      status: "completed",
      result: { files: 1, skipped: 3, words: 2 },
      warnings: ["latin1.txt was left out: is not UTF-8 text", "nul.txt was left out: is not UTF-8 text"],
    });
    expect(await host.sidecars(await host.entry("latin1.txt"))).toEqual([]);
  });

  it("gives the same when its host was killed part-way", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `${String(index).padStart(3, "0")}.md`,
        `${index} words\n`.repeat(index),
      ]),
    );
    await using undisturbed = await open(files);
    const expected = await (await undisturbed.dispatch("count", { location_id: undisturbed.location })).done();

    await using host = await open(files);
    const job = await host.dispatch("count", { location_id: host.location });
    await host.killWhen(job, (update) => update.checkpoint >= 5);
    await host.restart();
    const end = await job.done();
    expect(end.attempt).toBe(2);
    expect({ result: end.result, metrics: end.metrics, warnings: end.warnings }).toEqual({
      result: expected.result,
      metrics: expected.metrics,
      warnings: [],
    });
    expect(await harvest(host)).toEqual(await harvest(undisturbed));
  });

  it("goes on where it was paused", async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.txt`, "one two three"]));
    await using host = await open(files);
    const job = await host.dispatch("count", { location_id: host.location });
    await job.until((update) => update.checkpoint > 1);
    await job.pause();
    expect((await job.record()).status).toBe("paused");
    await job.resume();
    expect(await job.done()).toMatchObject({
      status: "completed",
      result: { files: 300, words: 900 },
      metrics: { items: 300 },
    });
  });

  it("refuses to start without a location", async () => {
    await using host = await open({});
    await expect(host.dispatch("count", {})).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("location_id"),
    });
  });
});

describe("summary", { timeout: 30_000 }, () => {
  it("adds up what is noted in the library, the largest files first", async () => {
    await using host = await open();
    await (await host.dispatch("count", { location_id: host.location })).done();
    const counted = NAMES.map((path) => {
      const { words, lines } = countInJavascript(TEXTS[path] ?? "");
      return { path, words, lines };
    });
    counted.sort((a, b) => b.words - a.words || (a.path < b.path ? -1 : 1));
    expect(await host.call("query:word-count:summary.v1", { location_id: host.location })).toEqual({
      files: NAMES.length,
      lines: counted.reduce((total, file) => total + file.lines, 0),
      words: counted.reduce((total, file) => total + file.words, 0),
      largest: counted,
    });
  });

  it("is of nothing before anything was counted", async () => {
    await using host = await open();
    expect(await host.call("query:word-count:summary.v1")).toEqual({ files: 0, lines: 0, words: 0, largest: [] });
  });
});
