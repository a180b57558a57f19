import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { compileWat } from "./compile-wat.js";

/** A guest in a file, for programs that a test runs; it is there while the tests of the `describe` around it run. */
export function guestFile(wat: string): { readonly path: string } {
  const file = { path: "" };
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "hostile-"));
    file.path = path.join(folder, "hostile.wasm");
    await writeFile(file.path, await compileWat(wat));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return file;
}
