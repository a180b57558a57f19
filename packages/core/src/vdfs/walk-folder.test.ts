import { execFileSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFiles } from "../../test/make-files.js";
import { tempFolder } from "../../test/temp-folder.js";
import { type WalkStep, walkFolder } from "./walk-folder.js";

async function walk(root: string, after: string | null = null, ignore: readonly string[] = []): Promise<WalkStep[]> {
  const steps: WalkStep[] = [];
  for await (const step of walkFolder({ root, after, ignore: new Set(ignore) })) steps.push(step);
  return steps;
}

function pathsOf(steps: readonly WalkStep[]): string[] {
  return steps.flatMap((step) => (step.kind === "entry" ? [step.entry.path] : []));
}

const FILES = ["b/2", "a.txt", "a/x", "b/1/deep", "c", "B"];
const WALKED = ["B", "a", "a/x", "a.txt", "b", "b/1", "b/1/deep", "b/2", "c"];

describe("walkFolder", () => {
  it("answers a folder before its content, names in one order", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, FILES);
    expect(pathsOf(await walk(dir.path))).toEqual(WALKED);
  });

  it("goes on after whichever path it stopped at", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, FILES);
    for (const [index, path] of WALKED.entries()) {
      expect(pathsOf(await walk(dir.path, path))).toEqual(WALKED.slice(index + 1));
    }
  });

  it("goes on at the next path where the one it stopped at has gone", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, FILES);
    expect(pathsOf(await walk(dir.path, "b/15"))).toEqual(["b/2", "c"]);
    expect(pathsOf(await walk(dir.path, "aa/gone/x"))).toEqual(["b", "b/1", "b/1/deep", "b/2", "c"]);
  });

  it("gets further with each step, and never past the whole", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, FILES);
    const fractions = (await walk(dir.path)).flatMap((step) => (step.kind === "entry" ? [step.fraction] : []));
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBeLessThan(1);
  });

  it("gives sizes of files and 0 of folders", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, ["a/file"]);
    const sizes = (await walk(dir.path)).map((step) => (step.kind === "entry" ? step.entry.size : "?"));
    expect(sizes).toEqual([0, "a/file".length]);
  });

  it("leaves out ignored names with all below them", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, ["src/.git/config", "node_modules/x/index.js", "src/a"]);
    expect(pathsOf(await walk(dir.path, null, [".git", "node_modules"]))).toEqual(["src", "src/a"]);
  });

  it("tells links and follows none", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, ["a/file"]);
    await symlink(dir.path, join(dir.path, "a", "loop"));
    await symlink("/etc", join(dir.path, "etc"));
    const links = (await walk(dir.path)).flatMap((step) => (step.kind === "link" ? [step.path] : []));
    expect(links).toEqual(["a/loop", "etc"]);
  });

  it("tells a folder that the system will not open, and goes on", async () => {
    await using dir = await tempFolder();
    makeFiles(dir.path, ["open/file"]);
    // Made step by step, its path becomes longer than the system takes.
    const deeper =
      'name=$(printf "%0200d" 0); i=0; while [ $i -lt 20 ]; do mkdir $name && cd $name; i=$((i+1)); done; mkdir $name';
    execFileSync("sh", ["-c", deeper], { cwd: dir.path });
    const steps = await walk(dir.path);
    execFileSync("sh", ["-c", "rm -rf 0*"], { cwd: dir.path });
    expect(steps.flatMap((step) => (step.kind === "unreadable" ? [step.reason] : []))).toEqual(["ENAMETOOLONG"]);
    expect(pathsOf(steps)).toContain("open/file");
  });

  it("fails where the folder itself cannot be read", async () => {
    await using dir = await tempFolder();
    await expect(walk(join(dir.path, "gone"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
