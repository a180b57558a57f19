import { DEFAULT_GUEST_LIMITS, type GuestEngine } from "@spacedrive/runtime/engine";
import { isSpacedriveError } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { compileWat } from "../../test/compile-wat.js";
import type { WasiTransport } from "../choose-transport.js";
import { createWasiEngine } from "../wasi-engine.js";

const MEMORY = `(memory (export "memory") 1)`;
const START = `(func (export "_start"))`;
const WASI = "wasi_snapshot_preview1";

/** The message with which it is refused, or null. */
async function refusal(text: string, limits: Partial<typeof DEFAULT_GUEST_LIMITS> = {}): Promise<string | null> {
  return refusalOf(await compileWat(`(module ${text})`), limits);
}

async function refusalOf(
  bytes: Uint8Array,
  limits: Partial<typeof DEFAULT_GUEST_LIMITS> = {},
  transport: WasiTransport = "shim",
): Promise<string | null> {
  await using engine: GuestEngine = createWasiEngine({ transport });
  return engine.compile("guest", bytes, { ...DEFAULT_GUEST_LIMITS, ...limits }).then(
    () => null,
    (error: unknown) => (isSpacedriveError(error) && error.code === "MODULE_INVALID" ? error.message : String(error)),
  );
}

function imports(module: string, name: string, type = ""): string {
  return `(import "${module}" "${name}" (func ${type})) ${MEMORY} ${START}`;
}

/** A module with a custom section of that name, which holds nothing else. */
function withSection(bytes: Uint8Array, name: string, place: "first" | "last"): Uint8Array {
  const section = [0, name.length + 1, name.length, ...Buffer.from(name)];
  const at = place === "first" ? 8 : bytes.length;
  return Uint8Array.from([...bytes.subarray(0, at), ...section, ...bytes.subarray(at)]);
}

describe("admission of a command", () => {
  test("lets one in that imports functions of preview1 and exports _start", async () => {
    expect(await refusal(imports(WASI, "fd_write", "(param i32 i32 i32 i32) (result i32)"))).toBeNull();
    expect(await refusal(imports(WASI, "proc_exit", "(param i32)"))).toBeNull();
    expect(await refusal(imports(WASI, "clock_time_get", "(param i32 i64 i32) (result i32)"))).toBeNull();
  });

  test.each([
    ["wasix_32v1", "proc_fork"],
    ["wasix_64v1", "thread_spawn_v2"],
    ["napi", "napi_run_script"],
    ["napi_v8", "napi_create_function"],
    ["napi_extension_wasmer_v0", "run"],
    ["env", "memory_copy"],
    ["env", "napi_run_script"],
    ["wasi_unstable", "fd_write"],
    ["wasi", "thread-spawn"],
    ["wasi:cli/run@0.2.0", "run"],
    ["spacedrive", "spacedrive_call"],
    ["", ""],
    [WASI, "proc_fork"],
    [WASI, "sock_open"],
    [WASI, "__proto__"],
    [WASI, "constructor"],
  ])("refuses the import %s %s by its name", async (module, name) => {
    expect(await refusal(imports(module, name))).toContain(
      `It imports the function "${module}"."${name}" () -> (), which is refused`,
    );
  });

  test("says once what to do about many imports of the ABI", async () => {
    const two = `(import "spacedrive" "spacedrive_log" (func)) ${imports("spacedrive", "spacedrive_call")}`;
    expect((await refusal(two))?.split('say "engine": "wasm"')).toHaveLength(2);
  });

  test("refuses a function of preview1 with another signature, and says which it has", async () => {
    expect(await refusal(imports(WASI, "fd_write", "(param i32 i32 i32 i64) (result i32)"))).toContain(
      `"${WASI}"."fd_write" as (i32, i32, i32, i64) -> i32; the function is (i32, i32, i32, i32) -> i32`,
    );
  });

  test("refuses memories, tables, globals and tags of others", async () => {
    expect(await refusal(`(import "env" "memory" (memory 1)) ${START}`)).toContain("It imports its memory");
    expect(await refusal(`(import "env" "t" (table 1 funcref)) ${MEMORY} ${START}`)).toContain('the table "env"."t"');
    expect(await refusal(`(import "${WASI}" "g" (global i32)) ${MEMORY} ${START}`)).toContain("the global");
  });

  test("refuses a module without _start, or with another kind of it", async () => {
    expect(await refusal(MEMORY)).toContain('exports no "_start": build a command');
    expect(await refusal(`${MEMORY} (func (export "_start") (param i32))`)).toContain('"_start" is (i32) -> ()');
    expect(await refusal(`${MEMORY} (global (export "_start") i32 (i32.const 0))`)).toContain('"_start" is a global');
    expect(await refusal(`${MEMORY} ${START} (func $first) (start $first)`)).toContain("start function");
  });

  describe.each(["shim", "wasmer"] as const)("on %s", (transport) => {
    test.each(["first", "last"] as const)("refuses a dynamic library, whose mark stands %s", async (place) => {
      const bytes = await compileWat(`(module ${MEMORY} ${START})`);
      const refused = await refusalOf(withSection(bytes, "dylink.0", place), {}, transport);
      expect(refused).toMatch(/It is a dynamic library \(it has a section "dylink\.0"\): .*Link it as a command/);
    });

    test("lets in sections that mean nothing to it", async () => {
      const bytes = await compileWat(`(module ${MEMORY} ${START})`);
      for (const name of ["producers", "target_features", "dylink", "dylink.01", "linking"]) {
        expect(await refusalOf(withSection(bytes, name, "first"), {}, transport)).toBeNull();
      }
    });
  });

  test("refuses a module that is a reactor, too", async () => {
    const both = `${MEMORY} ${START} (func (export "_initialize"))`;
    expect(await refusal(both)).toMatch(/It exports "_initialize".*reactor.*Build a command/);
    // Any other name is its own.
    expect(await refusal(`${MEMORY} ${START} (func (export "initialize"))`)).toBeNull();
  });

  test("refuses a memory that is not exported, or begins over the cap", async () => {
    expect(await refusal(`(memory 1) ${START}`)).toContain('does not export its memory as "memory"');
    const two = `(memory (export "memory") 2) ${START}`;
    expect(await refusal(two, { maxMemoryBytes: 2 * 65_536 })).toBeNull();
    expect(await refusal(two, { maxMemoryBytes: 2 * 65_536 - 1 })).toContain("the cap is 1 pages");
  });

  test("names some of many bad imports, and counts the rest", async () => {
    const many = Array.from({ length: 25 }, (_, i) => `(import "env" "f${i}" (func))`).join(" ");
    const message = await refusal(`${many} ${MEMORY} ${START}`);
    expect(message).toContain('"env"."f19"');
    expect(message).not.toContain('"env"."f20"');
    expect(message).toContain("And 5 more imports like these");
  });
});
