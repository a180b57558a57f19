import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseManifest } from "@spacedrive/runtime";
import { describe, expect, it } from "vitest";
import { decideGrants } from "../src/host/consent.js";
import { platformDataDir, resolveDataDir } from "../src/host/data-dir.js";
import { KnownExtensions } from "../src/host/known-extensions.js";
import { recordingTerminal } from "./recording-terminal.js";
import { temporaryFolder } from "./sdx.js";

const manifest = parseManifest(
  { id: "hello", name: "Hello", version: "1", wasm_file: "hello.wasm", permissions: { methods: ["vdfs.", "ai.ocr"] } },
  "manifest.json",
);
const all = { methods: ["vdfs.", "ai.ocr"], libraries: ["*"] };

describe("what an extension is granted", () => {
  it("is what it asks where nobody can be asked, and a line says so", async () => {
    const terminal = recordingTerminal();
    expect(await decideGrants(manifest, "/hello", null, {}, terminal)).toEqual(all);
    expect(terminal.lines).toEqual([
      'Granting "hello" what its manifest asks: "vdfs.", "ai.ocr" (--grant PATTERN narrows it).',
    ]);
  });

  it("is only what --grant names", async () => {
    const terminal = recordingTerminal({ canAsk: true });
    const granted = await decideGrants(manifest, "/hello", null, { grant: ["ai."] }, terminal);
    expect(granted).toEqual({ methods: ["ai."], libraries: ["*"] });
    expect(terminal.lines).toEqual([]);
  });

  it("is what it asks without a question with --yes, or where its user agreed to as much in that folder", async () => {
    const terminal = recordingTerminal({ canAsk: true });
    expect(await decideGrants(manifest, "/hello", null, { yes: true }, terminal)).toEqual(all);
    const before = { folder: "/hello", granted: { ...all, methods: ["vdfs.", "ai.ocr", "http."] } };
    expect(await decideGrants(manifest, "/hello", before, {}, terminal)).toEqual(all);
    expect(terminal.lines).toEqual([]);
  });
});

describe("the extensions that a data directory knows", () => {
  it("are remembered with their folder and grants", () => {
    using temporary = temporaryFolder();
    const known = new KnownExtensions(temporary.path);
    expect(known.get("hello")).toBeNull();
    known.remember("hello", "/hello", all);
    expect(new KnownExtensions(temporary.path).get("hello")).toEqual({ folder: "/hello", granted: all });
    expect(known.get("toString")).toBeNull();
  });

  it("are granted nothing where their file says something else", () => {
    using temporary = temporaryFolder();
    writeFileSync(join(temporary.path, "extensions.json"), '{"hello": {"folder": 1}}');
    expect(new KnownExtensions(temporary.path).get("hello")).toBeNull();
  });
});

describe("the data directory", () => {
  it("is the one that is named, then SPACEDRIVE_DATA_DIR, then the platform's", () => {
    expect(resolveDataDir("/named", { SPACEDRIVE_DATA_DIR: "/env" })).toBe("/named");
    expect(resolveDataDir(undefined, { SPACEDRIVE_DATA_DIR: "/env" })).toBe("/env");
    expect(platformDataDir("linux", "/home/ada", {})).toBe("/home/ada/.local/share/spacedrive");
    expect(platformDataDir("linux", "/home/ada", { XDG_DATA_HOME: "/data" })).toBe("/data/spacedrive");
    expect(platformDataDir("darwin", "/Users/ada", {})).toBe("/Users/ada/Library/Application Support/spacedrive");
  });
});
