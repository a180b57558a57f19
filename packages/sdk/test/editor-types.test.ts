import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { type AuthorDir, authorDir } from "./compile.js";

const packageDir = path.resolve(import.meta.dirname, "..");
const extensionsDir = path.resolve(packageDir, "../../extensions");
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

/** What an editor would underline in the author's folder. */
async function underlined(author: AuthorDir): Promise<string[]> {
  const config = { extends: "@spacedrive/sdk/tsconfig.json", include: ["./**/*.ts"] };
  await writeFile(path.join(author.dir, "assembly", "tsconfig.json"), JSON.stringify(config));
  try {
    await promisify(execFile)(process.execPath, [tsc, "--noEmit", "--pretty", "false", "-p", "assembly"], {
      cwd: author.dir,
    });
    return [];
  } catch (failure) {
    // Proof: execFile rejects with what the program printed.
    const { stdout } = failure as { stdout: string };
    return stdout.split("\n").filter((line) => line.includes(": error "));
  }
}

async function sourceOf(extension: string, files: readonly string[]): Promise<Record<string, string>> {
  const read = files.map(
    async (file) => [file, await readFile(path.join(extensionsDir, extension, "assembly", file), "utf8")] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

describe("the editor's types", () => {
  it("have the names that the SDK has", async () => {
    const names = (text: string): string[] => [...text.matchAll(/\b[A-Za-z]\w*\b/g)].map((match) => match[0]);
    const sources = await readFile(path.join(packageDir, "assembly/index.ts"), "utf8");
    const types = await readFile(path.join(packageDir, "types/index.d.ts"), "utf8");
    const exported = [...sources.matchAll(/^export \{([^}]*)\}/gm)].flatMap((match) => names(match[1] ?? ""));
    const declared = [...types.matchAll(/^export declare (?:class|function|namespace|enum) (\w+)/gm)].map(
      (match) => match[1],
    );
    expect([...new Set(declared)].toSorted((a = "", b = "") => (a < b ? -1 : 1))).toEqual(
      exported.toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  it("find nothing wrong with our own extensions", async () => {
    await using test = await authorDir(await sourceOf("test-extension", ["index.ts"]));
    expect(await underlined(test)).toEqual([]);
    const files = ["index.ts", "count.ts", "frequencies.ts", "model.ts", "scan.ts", "summary.ts", "word-table.ts"];
    await using count = await authorDir(await sourceOf("word-count", files));
    expect(await underlined(count)).toEqual([]);
  });

  it("leave nothing untyped", async () => {
    for (const file of ["index.d.ts", "globals.d.ts"]) {
      const text = await readFile(path.join(packageDir, "types", file), "utf8");
      expect(text).not.toMatch(/[:<|&,([=>]\s*any\b|\bany\[\]/);
      expect(text).not.toContain("no-explicit-any");
    }
  });

  it("underline what the transform would refuse", async () => {
    await using author = await authorDir({
      "index.ts": `import { done, ExtensionContext, JobContext, Result, text } from "@spacedrive/sdk";
@json class State { n: u32 = 0; }
@extension({ id: "x", nam: "X", version: "1" })
class X {
  @job("a") static a(ctx: ExtensionContext, state: State): void {}
  @job({ resumable: "yes" }) static b(ctx: JobContext, state: State): Result<void> { return done(); }
  @query({ scope: "world" }) static c(ctx: ExtensionContext, input: State): Result<State> { return done(input); }
  @query("d") static d(ctx: ExtensionContext, input: State): Result<State> { return done("text"); }
}
for (const line of text.lines("a")) line.nothing();
`,
    });
    const places = (await underlined(author)).map((line) => /\((\d+),/.exec(line)?.[1]);
    expect(places).toEqual(["3", "5", "6", "7", "8", "10"]);
  });
});
