import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../src/command-line.ts";
import { nameOf } from "../src/every-operation.ts";
import { generateFolder } from "../src/generate-folder.ts";
import { DEFAULT_OPTIONS } from "../src/matrix-options.ts";
import { momentsOf } from "../src/random-kills.ts";

async function generated(files: number, seed: number): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "kill-matrix-test-"));
  await generateFolder(folder, files, seed);
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length), await readFile(path, "latin1")]),
  );
  await rm(folder, { recursive: true });
  return Object.fromEntries(contents);
}

describe("a seed", () => {
  it("gives the same folder again, and another one than another seed", async () => {
    const first = await generated(30, 7);
    expect(Object.keys(first)).toHaveLength(30);
    expect(await generated(30, 7)).toEqual(first);
    expect(await generated(30, 8)).not.toEqual(first);
  });

  it("gives each round its own moments, the same again, of which some fall into the start", () => {
    const times = { openMs: 200, workMs: 1_000 };
    const rounds = Array.from({ length: 50 }, (_, round) => momentsOf(round, 7, times));
    expect(momentsOf(3, 7, times)).toEqual(rounds[3]);
    expect(momentsOf(3, 8, times)).not.toEqual(rounds[3]);
    expect(rounds[4]).not.toEqual(rounds[3]);
    const counts = rounds.map((moments) => moments.length);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([4, 10]);
    const atStart = rounds.flat().filter(({ from }) => from === "start").length;
    expect(atStart / rounds.flat().length).toBeCloseTo(0.3, 1);
  });
});

describe("pnpm kill-matrix", () => {
  it("does what the test does, with a seed of its own", () => {
    expect(parseCommandLine([], 42)).toEqual({ ...DEFAULT_OPTIONS, seed: 42 });
  });

  it("repeats a cut, or a round, as a failure names it", () => {
    const cut = { place: "library.db commit", which: 17, moment: "before" } as const;
    expect(parseCommandLine(["--", "--seed", "7", "--cut", nameOf(cut)], 42)).toMatchObject({
      seed: 7,
      parts: ["every"],
      cut,
    });
    expect(parseCommandLine(["--files", "300", "--round", "12"], 42)).toMatchObject({
      files: 300,
      parts: ["random"],
      round: 12,
    });
  });
});
