import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { readLines } from "../src/host/read-lines.js";

async function linesOf(chunks: readonly string[], maxBytes?: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks.map((text) => Buffer.from(text))), maxBytes))
    lines.push(line);
  return lines;
}

describe("the lines between the kit and a command", () => {
  test("end at a line feed alone, wherever the stream is cut", async () => {
    expect(await linesOf(["a\u2028b\rc", "d\n\ne", "f\n"])).toEqual(["a\u2028b\rcd", "", "ef"]);
  });

  test("may lack the last line feed", async () => {
    expect(await linesOf(["a\nb"])).toEqual(["a", "b"]);
  });

  test("may be as long as the limit, and no longer", async () => {
    expect(await linesOf(["abc", "d\n"], 4)).toEqual(["abcd"]);
    await expect(linesOf(["abc", "de"], 4)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
