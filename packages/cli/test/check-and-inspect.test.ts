import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import wabt from "wabt";
import { copyOf } from "./hello.js";
import { sdx, temporaryFolder } from "./sdx.js";

const hello = inject("hello");

/** The parts of a manifest that the tests change. */
interface LooseManifest {
  wasmFile?: unknown;
  version: unknown;
  permissions: { methods: string[] };
  jobs: { export: string }[];
  operations: { export: string }[];
}

/** A copy of the built extension whose manifest was changed. */
function withManifest(folder: string, change: (manifest: LooseManifest) => void): string {
  const copy = copyOf(hello, folder);
  const file = join(copy, "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  change(manifest);
  writeFileSync(file, JSON.stringify(manifest));
  return copy;
}

/** The folder of a WASI command that answers no record. */
async function commandIn(folder: string, wat: string): Promise<string> {
  const module = (await wabt()).parseWat("command.wat", wat);
  writeFileSync(join(folder, "command.wasm"), module.toBinary({}).buffer);
  const manifest = { id: "command", name: "Command", version: "1.0.0", wasm_file: "command.wasm", engine: "wasi" };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
}

describe("sdx check", () => {
  it("finds nothing wrong with what sdx build made", async () => {
    const { code, stdout, stderr } = await sdx(["check", hello]);
    expect(stdout).toBe("");
    expect(stderr).toContain("Nothing is wrong");
    expect(code).toBe(0);
  });

  it("prints every problem of a manifest with its path", async () => {
    using temporary = temporaryFolder();
    const copy = withManifest(temporary.path, (manifest) => {
      manifest.wasmFile = "x";
      manifest.version = 3;
      manifest.permissions.methods = ["*"];
    });
    const { code, stdout } = await sdx(["check", copy]);
    expect(code).toBe(1);
    expect(stdout).toContain("manifest.json: wasmFile: unknown key");
    expect(stdout).toContain("manifest.json: version: ");
    expect(stdout).toContain("manifest.json: permissions.methods[0]: ");
  });

  it("finds exports that the manifest names and the module lacks, or has in another shape", async () => {
    using temporary = temporaryFolder();
    const copy = withManifest(temporary.path, (manifest) => {
      for (const job of manifest.jobs) job.export = "execute_nothing";
      for (const operation of manifest.operations) operation.export = "plugin_init";
    });
    const { code, stdout } = await sdx(["check", copy, "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      { path: "manifest.json: jobs[0].export", message: expect.stringContaining('does not export "execute_nothing"') },
      { path: "manifest.json: operations[0].export", message: expect.stringContaining('"plugin_init" is () -> i32') },
    ]);
  });

  it("starts a WASI command, which exports nothing but its start", async () => {
    using temporary = temporaryFolder();
    const wat = '(module (memory (export "memory") 1) (func (export "_start")))';
    const { code, stdout } = await sdx(["check", await commandIn(temporary.path, wat)]);
    expect(code).toBe(1);
    expect(stdout).toContain("command.wasm: ");
    expect(stdout).toContain("INIT_FAILED");
  });

  it("tells of a WASI command which engine its manifest must name, and not which exports it lacks", async () => {
    using temporary = temporaryFolder();
    const wat = `(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
      (memory (export "memory") 1) (func (export "_start")))`;
    const folder = await commandIn(temporary.path, wat);
    const file = join(folder, "manifest.json");
    const { engine, ...manifest } = JSON.parse(readFileSync(file, "utf8"));
    expect(engine).toBe("wasi");
    expect((await sdx(["inspect", folder])).stdout).toMatch(/engine +wasi/);
    writeFileSync(file, JSON.stringify({ ...manifest, jobs: [{ name: "count", export: "execute_count" }] }));
    const { code, stdout } = await sdx(["check", folder]);
    expect(code).toBe(1);
    expect(stdout).toContain('say "engine": "wasi" in its manifest');
    expect(stdout).not.toContain("execute_count");
  });

  it("refuses a WASI command that imports more than preview1, by the import's name", async () => {
    using temporary = temporaryFolder();
    const wat = '(module (import "env" "run" (func)) (memory (export "memory") 1) (func (export "_start") (call 0)))';
    const { code, stdout } = await sdx(["check", await commandIn(temporary.path, wat)]);
    expect(code).toBe(1);
    expect(stdout).toContain('"env"."run"');
    expect(stdout).toContain("MODULE_INVALID");
  });

  it("finds grants that are asked for twice or not needed", async () => {
    using temporary = temporaryFolder();
    const copy = withManifest(temporary.path, (manifest) => {
      manifest.permissions.methods = ["vdfs.", "vdfs.", "hello:greet"];
    });
    const { code, stdout } = await sdx(["check", copy]);
    expect(code).toBe(1);
    expect(stdout).toContain('permissions.methods[1]: "vdfs." is asked for twice');
    expect(stdout).toContain('permissions.methods[2]: "hello:greet" is the extension\'s own');
  });

  it("says that a file is no module", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    writeFileSync(join(copy, "build/hello.wasm"), "<!doctype html>");
    const { code, stdout } = await sdx(["check", copy]);
    expect(code).toBe(1);
    expect(stdout).toContain("build/hello.wasm: ");
    expect(stdout).toContain("looks like HTML");
  });
});

describe("sdx inspect", () => {
  it("shows imports, exports, jobs, operations, what is asked, size and memory as JSON", async () => {
    const { code, stdout, stderr } = await sdx(["inspect", hello, "--json"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id: "hello",
      engine: "wasm",
      size: readFileSync(join(hello, "build/hello.wasm")).length,
      memory: { min_pages: 1, max_pages: null },
      imports: expect.arrayContaining([
        { module: "spacedrive", name: "job_checkpoint", signature: "(i32, i32, i32) -> i32" },
      ]),
      exports: expect.arrayContaining([{ name: "plugin_init", signature: "() -> i32" }]),
      jobs: [{ name: "greet_all", export: "execute_greet_all", resumable: true }],
      operations: [{ method: "query:hello:greet.v1", scope: "library" }],
      grants: { methods: [], libraries: ["*"] },
    });
  });

  it("reads a module by itself", async () => {
    const { code, stdout } = await sdx(["inspect", join(hello, "build/hello.wasm"), "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id: null, grants: null, jobs: [] });
  });

  it("shows people the same as tables", async () => {
    const { stdout } = await sdx(["inspect", hello]);
    expect(stdout).toMatch(/asks rates +1,000 calls a minute, 10 jobs at once/);
    expect(stdout).toContain("Hello (hello 0.1.0)");
    expect(stdout).toMatch(/query:hello:greet\.v1 +query_greet_v1 +library/);
  });

  it("says that there is nothing to inspect", async () => {
    const { code, stderr } = await sdx(["inspect", "nowhere.wasm"]);
    expect(code).toBe(1);
    expect(stderr).toContain('no file or folder "nowhere.wasm"');
  });
});
