import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { sdx, type SdxOptions, type SdxResult, temporaryFolder } from "./sdx.js";

const hello = inject("hello");

async function call(args: readonly string[], options?: SdxOptions): Promise<SdxResult> {
  using temporary = temporaryFolder();
  return await sdx(["call", ...args, "--data-dir", join(temporary.path, "data")], options);
}

describe("sdx call", () => {
  it("prints the output as JSON, and nothing else", async () => {
    expect(await call(["query:test.ping.v1", '{"message":"hi"}'])).toEqual({
      code: 0,
      stdout: '{"echo":"Pong: hi","count":1,"extension_works":true}\n',
      stderr: "",
    });
  });

  it("reads the input from a file, and from standard input", async () => {
    using temporary = temporaryFolder();
    const file = join(temporary.path, "input.json");
    writeFileSync(file, '{"message":"from a file"}');
    expect((await call(["query:test.ping.v1", `@${file}`])).stdout).toContain("Pong: from a file");
    const piped = await call(["query:test.ping.v1", "-"], { input: '{"message":"piped"}' });
    expect(piped.stdout).toContain("Pong: piped");
  });

  it("calls an operation of an extension that it loads, and of one that it knows", async () => {
    using temporary = temporaryFolder();
    const data = ["--data-dir", join(temporary.path, "data")];
    const greet = ["call", "query:hello:greet.v1", '{"name":"Ada"}', ...data];
    expect(await sdx([...greet, "--extension", hello])).toEqual({
      code: 0,
      stdout: '{"greeting":"Hello, Ada!"}\n',
      stderr: "",
    });
    expect((await sdx(greet)).stdout).toBe('{"greeting":"Hello, Ada!"}\n');
  });

  it.each([
    ["an unknown method", ["query:test.pong.v1"], "NOT_FOUND"],
    ["what is no method", ["ping"], "INVALID_INPUT"],
    ["an input of another shape", ["query:test.ping.v1", '{"message":1}'], "INVALID_INPUT"],
    ["an extension that is not there", ["query:test.ping.v1", "{}", "--extension", "nowhere"], "EXTENSION_NOT_FOUND"],
    ["a library that is not there", ["query:test.ping.v1", "{}", "--library", "nowhere"], "LIBRARY_NOT_FOUND"],
  ])("prints the envelope on stderr for %s", async (_what, args, code) => {
    const result = await call(args);
    expect(result.stdout).toBe("");
    expect(JSON.parse(result.stderr)).toMatchObject({ error: expect.any(String), code, retryable: false });
    expect(result.code).toBe(1);
  });

  it("ends with 2 where the input is not JSON", async () => {
    const { code, stderr } = await call(["query:test.ping.v1", "hi"]);
    expect(stderr).toContain("line 1, column 1");
    expect(code).toBe(2);
  });
});
