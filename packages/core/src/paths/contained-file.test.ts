import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectCode } from "../../test/expect-code.js";
import { tempFolder } from "../../test/temp-folder.js";
import { openContainedFile } from "./contained-file.js";

const REFUSALS: ReadonlySet<string> = new Set(["PATH_DENIED", "NOT_FOUND", "INVALID_INPUT"]);

async function readContained(root: string, path: string): Promise<string> {
  const file = await openContainedFile(root, path);
  try {
    return (await file.readFile()).toString();
  } finally {
    await file.close();
  }
}

/** `<dir>/root/sub/file.txt` beside `<dir>/outside/file.txt`. */
async function makeTree(dir: string): Promise<string> {
  await mkdir(join(dir, "root", "sub"), { recursive: true });
  await mkdir(join(dir, "outside"));
  await writeFile(join(dir, "root", "sub", "file.txt"), "inside");
  await writeFile(join(dir, "outside", "file.txt"), "secret");
  return join(dir, "root");
}

describe("openContainedFile", () => {
  it("opens a file below the root", async () => {
    await using dir = await tempFolder();
    expect(await readContained(await makeTree(dir.path), "sub/file.txt")).toBe("inside");
  });

  it.each([
    "../outside/file.txt",
    "sub/../../outside/file.txt",
    "..",
    "",
    "/etc/passwd",
    "sub//file.txt",
    "./x",
    "sub/file.txt\0",
  ])("refuses the path %j", async (path) => {
    await using dir = await tempFolder();
    await expectCode(openContainedFile(await makeTree(dir.path), path), "PATH_DENIED");
  });

  it("refuses a file that is a link, also to a file inside", async () => {
    await using dir = await tempFolder();
    const root = await makeTree(dir.path);
    await symlink(join(dir.path, "outside", "file.txt"), join(root, "out"));
    await symlink(join(root, "sub", "file.txt"), join(root, "in"));
    await expectCode(openContainedFile(root, "out"), "PATH_DENIED");
    await expectCode(openContainedFile(root, "in"), "PATH_DENIED");
  });

  it("refuses a file in a folder that was swapped for a link", async () => {
    await using dir = await tempFolder();
    const root = await makeTree(dir.path);
    await rm(join(root, "sub"), { recursive: true });
    await symlink(join(dir.path, "outside"), join(root, "sub"));
    await expectCode(openContainedFile(root, "sub/file.txt"), "PATH_DENIED");
  });

  it("refuses everything once the root itself is a link", async () => {
    await using dir = await tempFolder();
    const root = await makeTree(dir.path);
    await rename(root, join(dir.path, "moved"));
    await symlink(join(dir.path, "moved"), root);
    await expectCode(openContainedFile(root, "sub/file.txt"), "PATH_DENIED");
  });

  it("reads what is inside or nothing, whatever the path is made of", async () => {
    await using dir = await tempFolder();
    const root = await makeTree(dir.path);
    await symlink(join(dir.path, "outside"), join(root, "link"));
    await symlink("..", join(root, "sub", "up"));
    const step = fc.constantFrom("..", ".", "", "sub", "link", "up", "outside", "root", "file.txt", "\0", "/", "\\");
    const path = fc.array(step, { minLength: 1, maxLength: 7 }).map((steps) => steps.join("/"));
    await fc.assert(
      fc.asyncProperty(path, async (tried) => {
        const outcome = await readContained(root, tried).catch((error: { code: string }) => error.code);
        return tried === "sub/file.txt" ? outcome === "inside" : REFUSALS.has(outcome);
      }),
      { numRuns: 1000, examples: [["sub/file.txt"], ["link/file.txt"], ["sub/up/sub/file.txt"]] },
    );
  });

  it("never reads outside while a folder is swapped back and forth", async () => {
    await using dir = await tempFolder();
    const root = await makeTree(dir.path);
    await symlink(join(dir.path, "outside"), join(root, "link"));
    let swapping = true;
    const swap = async (): Promise<void> => {
      while (swapping) {
        await rename(join(root, "sub"), join(root, "kept"));
        await rename(join(root, "link"), join(root, "sub"));
        await rename(join(root, "sub"), join(root, "link"));
        await rename(join(root, "kept"), join(root, "sub"));
      }
    };
    const swapped = swap();
    const outcomes = new Set<string>();
    for (let i = 0; i < 500; i++) {
      outcomes.add(await readContained(root, "sub/file.txt").catch((error: { code: string }) => error.code));
    }
    swapping = false;
    await swapped;
    expect(outcomes).not.toContain("secret");
    expect([...outcomes].every((o) => ["inside", "PATH_DENIED", "NOT_FOUND"].includes(o))).toBe(true);
  });

  it("names a file that has gone", async () => {
    await using dir = await tempFolder();
    await expectCode(openContainedFile(await makeTree(dir.path), "sub/gone.txt"), "NOT_FOUND");
  });

  it("refuses a folder", async () => {
    await using dir = await tempFolder();
    await expectCode(openContainedFile(await makeTree(dir.path), "sub"), "INVALID_INPUT");
  });

  it.runIf(process.platform !== "win32")("does not wait for the other end of a pipe", async () => {
    await using dir = await tempFolder();
    const root = await makeTree(dir.path);
    execFileSync("sh", ["-c", "mkfifo pipe"], { cwd: root });
    await expectCode(openContainedFile(root, "pipe"), "INVALID_INPUT");
  });
});
