import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { sdx, type SdxResult, temporaryFolder } from "./sdx.js";

const hello = inject("hello");
const NAMES = ["__proto__", "constructor", "toString"];
const HOSTILE =
  '{"__proto__":{"count":9,"polluted":true},"constructor":{"prototype":{"polluted":true}},"message":"hi"}';

async function inNewData(args: readonly string[]): Promise<SdxResult> {
  using temporary = temporaryFolder();
  return await sdx([...args, "--data-dir", join(temporary.path, "data")]);
}

it("sdx call takes keys that every object has as it takes others", async () => {
  const { code, stdout } = await inNewData(["call", "query:test.ping.v1", HOSTILE]);
  expect([code, stdout]).toEqual([0, '{"echo":"Pong: hi","count":1,"extension_works":true}\n']);
});

it.each(NAMES)("sdx finds no operation, job or extension by a name that every object has: %s", async (name) => {
  for (const args of [
    ["call", `query:${name}.v1`, "{}"],
    ["call", `query:${name}:${name}.v1`, "{}"],
    ["call", name, "{}"],
    ["run", hello, name, "--yes"],
    ["jobs", "show", name],
  ]) {
    const { code, stdout, stderr } = await inNewData(args);
    expect([args, code === 1 || code === 2, stdout]).toEqual([args, true, ""]);
    expect(stderr).not.toMatch(/TypeError|RangeError|\n\s+at |INTERNAL/);
  }
});

it.each(NAMES)("sdx finds no library of such a name where none was made: %s", async (name) => {
  const args = ["call", "query:test.ping.v1", '{"message":"x"}', "--library", name];
  const { code, stdout, stderr } = await inNewData(args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(JSON.parse(stderr).code).toMatch(/^(LIBRARY_)?NOT_FOUND$/);
});
