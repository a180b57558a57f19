import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseManifest } from "./parse-manifest.js";
import { readManifest, readWasmFile } from "./read-manifest.js";

const MANIFEST = { id: "finance", name: "Finance", version: "1.0.0", wasm_file: "build/finance.wasm" };

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sd-manifest-"));
  folder = path.join(root, "finance");
  await mkdir(path.join(folder, "build"), { recursive: true });
});

afterEach(() => rm(root, { recursive: true, force: true }));

function readWasm(maxBytes = 100): Promise<Buffer> {
  return readWasmFile(folder, parseManifest(MANIFEST, "manifest.json"), maxBytes);
}

describe("reading a manifest", () => {
  it("answers what lies in the folder", async () => {
    await writeFile(path.join(folder, "manifest.json"), JSON.stringify(MANIFEST));
    expect(await readManifest(folder)).toMatchObject(MANIFEST);
  });

  it("of a folder without one is EXTENSION_NOT_FOUND, with the path", async () => {
    await expect(readManifest(folder)).rejects.toMatchObject({
      code: "EXTENSION_NOT_FOUND",
      message: expect.stringContaining(path.join(folder, "manifest.json")),
    });
  });

  it.each(["", "{", '{"id": "finance",}', "<html>"])("that is broken JSON (%j) is MANIFEST_INVALID", async (text) => {
    await writeFile(path.join(folder, "manifest.json"), text);
    await expect(readManifest(folder)).rejects.toMatchObject({
      code: "MANIFEST_INVALID",
      message: expect.stringContaining("is not valid JSON"),
      details: { problems: [{ path: "(top)" }] },
    });
  });

  it("takes one of a MiB, and not one byte more", async () => {
    const text = JSON.stringify(MANIFEST);
    await writeFile(path.join(folder, "manifest.json"), text.padEnd(1024 * 1024));
    expect(await readManifest(folder)).toMatchObject(MANIFEST);
    await writeFile(path.join(folder, "manifest.json"), text.padEnd(1024 * 1024 + 1));
    await expect(readManifest(folder)).rejects.toMatchObject({ code: "MANIFEST_INVALID" });
  });

  it("that is a link out of the folder is PATH_DENIED", async () => {
    await writeFile(path.join(root, "elsewhere.json"), JSON.stringify(MANIFEST));
    await symlink("../elsewhere.json", path.join(folder, "manifest.json"));
    await expect(readManifest(folder)).rejects.toMatchObject({ code: "PATH_DENIED" });
  });

  it("that is a folder is PATH_DENIED", async () => {
    await mkdir(path.join(folder, "manifest.json"));
    await expect(readManifest(folder)).rejects.toMatchObject({ code: "PATH_DENIED" });
  });
});

describe("reading the wasm file", () => {
  it("answers its bytes up to the limit, and no more", async () => {
    await writeFile(path.join(folder, "build/finance.wasm"), Buffer.alloc(100));
    expect((await readWasm(100)).length).toBe(100);
    await expect(readWasm(99)).rejects.toMatchObject({
      code: "MODULE_INVALID",
      message: expect.stringContaining("100 bytes; 99"),
    });
  });

  it("that is missing says to build it", async () => {
    await expect(readWasm()).rejects.toMatchObject({
      code: "MODULE_INVALID",
      message: expect.stringMatching(/"finance".*build\/finance\.wasm.*Build it first/),
    });
  });

  it("follows links inside the folder", async () => {
    await writeFile(path.join(folder, "real.wasm"), "x");
    await symlink("../real.wasm", path.join(folder, "build/finance.wasm"));
    expect(String(await readWasm())).toBe("x");
  });

  it.each(["../../secret", "/etc/hostname"])("that is a link to %s is PATH_DENIED", async (target) => {
    await writeFile(path.join(root, "secret"), "x");
    await symlink(target, path.join(folder, "build/finance.wasm"));
    await expect(readWasm()).rejects.toMatchObject({ code: "PATH_DENIED" });
  });

  it("in a folder that is a link out of the extension's is PATH_DENIED", async () => {
    await rm(path.join(folder, "build"), { recursive: true });
    await writeFile(path.join(root, "finance.wasm"), "x");
    await symlink("..", path.join(folder, "build"));
    await expect(readWasm()).rejects.toMatchObject({ code: "PATH_DENIED" });
  });

  it("that is a named pipe is PATH_DENIED, and does not hold the host", async () => {
    execFileSync("mkfifo", [path.join(folder, "build/finance.wasm")]);
    await expect(readWasm()).rejects.toMatchObject({ code: "PATH_DENIED" });
  });

  it("may lie in an extension's folder that is itself a link", async () => {
    await writeFile(path.join(folder, "build/finance.wasm"), "x");
    await symlink(folder, path.join(root, "linked"));
    folder = path.join(root, "linked");
    expect(String(await readWasm())).toBe("x");
  });
});
