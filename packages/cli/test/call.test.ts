import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { copyOf } from "./hello.js";
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
    ["an operation of an extension that nobody named", ["query:stranger:greet.v1"], "NOT_FOUND"],
    ["an extension that is not there", ["query:test.ping.v1", "{}", "--extension", "nowhere"], "EXTENSION_NOT_FOUND"],
    ["a library that is not there", ["query:test.ping.v1", "{}", "--library", "nowhere"], "LIBRARY_NOT_FOUND"],
  ])("prints the envelope on stderr for %s", async (_what, args, code) => {
    const result = await call(args);
    expect(result.stdout).toBe("");
    expect(JSON.parse(result.stderr)).toMatchObject({ error: expect.any(String), code, retryable: false });
    expect(result.code).toBe(1);
  });

  it("says how to name the extension of an operation that is not known", async () => {
    expect((await call(["query:stranger:greet.v1"])).stderr).toContain("Name its folder with --extension DIR");
  });

  it("says where a known extension lay that is gone, and how to find it again", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    const data = ["--data-dir", join(temporary.path, "data")];
    expect((await sdx(["call", "query:hello:greet.v1", "--extension", copy, ...data])).code).toBe(0);
    rmSync(copy, { recursive: true });
    const { stderr, code } = await sdx(["call", "query:hello:greet.v1", ...data]);
    expect(JSON.parse(stderr)).toMatchObject({ code: "EXTENSION_NOT_FOUND" });
    expect(stderr).toContain(`lay in ${copy}, which is gone. Run it from its folder once: sdx run <dir>`);
    expect(code).toBe(1);
  });

  it("does not remember a grant that is none", async () => {
    using temporary = temporaryFolder();
    const data = ["--data-dir", join(temporary.path, "data")];
    const refused = await sdx(["call", "query:hello:greet.v1", "--extension", hello, "--grant", "*", ...data]);
    expect(refused.stderr).toContain('--grant: "*" is not a method grant');
    expect(refused.code).toBe(2);
    expect((await sdx(["call", "query:hello:greet.v1", "--extension", hello, ...data])).code).toBe(0);
    expect((await sdx(["call", "query:hello:greet.v1", ...data])).code).toBe(0);
  });

  it("prints the envelope and nothing else where an extension cannot be loaded", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    writeFileSync(join(copy, "build/hello.wasm"), "garbage");
    const { code, stderr } = await call(["query:hello:greet.v1", "--extension", copy]);
    expect(JSON.parse(stderr)).toMatchObject({ code: "MODULE_INVALID" });
    expect(code).toBe(1);
  });

  it("warns of keys that an extension's operation does not know, unless it fails anyway", async () => {
    const greet = ["query:hello:greet.v1", '{"name":"Ada","nmae":1}', "--extension", hello];
    expect(await call(greet)).toEqual({
      code: 0,
      stdout: '{"greeting":"Hello, Ada!"}\n',
      stderr: 'warning: the input of "query:hello:greet.v1" has no "nmae": ignored; there is name.\n',
    });
    const failed = await call(["query:hello:greet", '{"name":1,"nmae":1}', "--extension", hello]);
    expect(JSON.parse(failed.stderr)).toMatchObject({ code: "INVALID_INPUT" });
  });

  it("says how to run an extension that this data directory does not know", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "my data");
    const { stderr } = await sdx(["call", "query:test.ping.v1", "--library", "home", "--data-dir", data]);
    expect(JSON.parse(stderr).error).toContain(`sdx run <dir> --library home --data-dir '${data}'`);
  });

  it("ends with 2 where the input is not JSON", async () => {
    const { code, stderr } = await call(["query:test.ping.v1", "hi"]);
    expect(stderr).toContain("line 1, column 1");
    expect(code).toBe(2);
  });
});
