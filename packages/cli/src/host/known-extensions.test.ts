import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { KnownExtensions } from "./known-extensions.js";

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "known-extensions-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const grants = { methods: ["vdfs."], libraries: ["*"] };

it("finds an extension again, and no other", () => {
  using temporary = temporaryFolder();
  new KnownExtensions(temporary.path).remember("hello", "/extensions/hello", grants);
  const known = new KnownExtensions(temporary.path);
  expect(known.get("hello")).toEqual({ folder: "/extensions/hello", granted: grants });
  expect(known.get("stranger")).toBeNull();
});

it("says what to do with a file that somebody mistyped, and leaves it", () => {
  using temporary = temporaryFolder();
  writeFileSync(join(temporary.path, "extensions.json"), '{"hello": }');
  const known = new KnownExtensions(temporary.path);
  const refused = expect.objectContaining({
    code: "STORE_CORRUPT",
    message: expect.stringContaining("Correct it, or remove it"),
  });
  expect(() => known.get("hello")).toThrow(refused);
  expect(() => known.remember("hello", "/extensions/hello", grants)).toThrow(refused);
});

it("grants nothing by a file of another shape", () => {
  using temporary = temporaryFolder();
  writeFileSync(join(temporary.path, "extensions.json"), '{"hello": {"folder": 5}}');
  expect(new KnownExtensions(temporary.path).get("hello")).toBeNull();
});
