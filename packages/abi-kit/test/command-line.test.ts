import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson } from "@spacedrive/wire";
import { describe, expect, test, vi } from "vitest";
import { compileCommand } from "./compiled-command.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const KIT = here("../bin/abi-kit.js");

function abiKit(...args: string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [KIT, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

describe("abi-kit host", { timeout: 60_000 }, () => {
  test("proves an adapter, and ends with 0", () => {
    const { code, out } = abiKit("host", "--adapter", here("../dist/runtime-host.js"), "--only", "versions/");
    expect(out).toMatch(/ok {4}v1\/versions\/one\n/);
    expect(out).toMatch(/@spacedrive\/runtime .*: \d+ passed, 0 failed, 0 skipped/);
    expect(code).toBe(0);
  });

  test("proves a command in any language over lines of JSON", () => {
    const command = `"${process.execPath}" "${here("programs/runtime-command.mjs")}"`;
    const { code, out } = abiKit("host", "--command", command, "--only", "jobs/checkpoint", "--json");
    expect(parseJson(out, "the report")).toMatchObject({ failed: 0, skipped: 0, subject: command });
    expect(code).toBe(0);
  });

  test("says what is wrong and where docs/abi.md promises it, and ends with 1", () => {
    const { code, out } = abiKit("host", "--adapter", here("programs/wrong-adapter.mjs"), "--only", "memory-missing");
    expect(out).toContain("FAIL  v1/module/memory-missing");
    expect(out).toContain("promised (docs/abi.md §2)");
    expect(out).toContain("it should end with MODULE_INVALID, and succeeded");
    expect(code).toBe(1);
  });

  test("fails what a command dies of, and says how it ended", () => {
    const command = `"${process.execPath}" "${here("programs/dying-command.mjs")}"`;
    const { code, out } = abiKit("host", "--command", command, "--only", "features/");
    expect(out).toContain("ended (exit code 7) while it was asked");
    expect(out).toMatch(/: 0 passed, \d+ failed, 0 skipped/);
    expect(code).toBe(1);
  });

  test("ends with 2 where no host is named, none can be made, or no vector is meant", () => {
    expect(abiKit("host")).toMatchObject({ code: 2 });
    expect(abiKit("host", "--runtime", "--only", "no-such-thing").err).toContain("No vector has no-such-thing");
    expect(abiKit("host", "--adapter", here("command-line.test.ts").replace(".test.ts", ".none.js")).code).toBe(2);
  });
});

describe("abi-kit host, where nothing can be run", { timeout: 60_000 }, () => {
  test("ends with 2 and tries no second vector for a command that is not there", () => {
    const { code, out, err } = abiKit("host", "--command", "./there-is-no-such-program", "--only", "features/");
    expect(err).toContain('The command "./there-is-no-such-program" could not be run');
    expect(out).toBe("");
    expect(code).toBe(2);
  });

  test("ends with 2 for an empty command, and for an adapter that is none", () => {
    expect(abiKit("host", "--command", " ")).toMatchObject({ code: 2, out: "" });
    expect(abiKit("host", "--adapter", here("programs/adapter-without-host.mjs")).err).toContain("answered no host");
    expect(abiKit("host", "--adapter", here("programs/dying-command.txt")).err).toMatch(
      /The adapter .* cannot be loaded/,
    );
  });

  test("ends with 2 where the host skips all, or the adapter ends the process as if all were well", () => {
    const skips = `"${process.execPath}" "${here("programs/hanging-command.mjs")}"`;
    expect(abiKit("host", "--command", skips, "--only", "versions/one")).toMatchObject({
      code: 2,
      err: expect.stringContaining("The host has skipped every vector"),
    });
    const leaves = abiKit("host", "--adapter", here("programs/leaving-adapter.mjs"), "--only", "versions/one");
    expect(leaves).toMatchObject({ code: 2, out: "", err: expect.stringContaining("ended before its report did") });
  });
});

describe("abi-kit, ended in the middle", { timeout: 60_000 }, () => {
  test.runIf(process.platform !== "win32")("takes the host's command with it", async () => {
    const command = `echo $$ >&2; exec "${process.execPath}" "${here("programs/hanging-command.mjs")}"`;
    const kit = spawn(process.execPath, [KIT, "host", "--command", command, "--only", "features/simd"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = once(kit, "exit");
    const [line] = await once(kit.stderr, "data");
    const host = Number(String(line));
    expect(() => process.kill(host, 0)).not.toThrow();
    kit.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    await vi.waitFor(() => expect(() => process.kill(host, 0)).toThrow("ESRCH"), { timeout: 30_000 });
  });
});

describe("abi-kit --protocol wasi", { timeout: 120_000 }, () => {
  test("proves our own host on a transport, and ends with 0", () => {
    const args = ["--protocol", "wasi", "--transport", "shim", "--only", "commands/call"];
    const { code, out } = abiKit("host", "--runtime", ...args);
    expect(out).toMatch(/ok {4}wasi\/v1\/commands\/call-null\n/);
    expect(out).toMatch(/@spacedrive\/engine-wasmer \(wasi \(shim\)\): \d+ passed, 0 failed, 0 skipped/);
    expect(code).toBe(0);
  });

  test("proves a command in any language over lines of JSON", () => {
    const command = `"${process.execPath}" "${here("programs/wasi-command.mjs")}"`;
    const { code, out } = abiKit("host", "--command", command, "--protocol", "wasi", "--only", "v1/ids/zero", "--json");
    expect(parseJson(out, "the report")).toMatchObject({ passed: 1, failed: 0, skipped: 0 });
    expect(code).toBe(0);
  });

  test("says what is wrong and where docs/wasi-protocol.md promises it, and ends with 1", () => {
    const args = ["--protocol", "wasi", "--only", "module/memory-missing"];
    const { code, out } = abiKit("host", "--adapter", here("programs/wrong-adapter.mjs"), ...args);
    expect(out).toContain("promised (docs/wasi-protocol.md §1");
    expect(code).toBe(1);
  });

  test("proves a guest, and ends with 0", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kit-command-"));
    try {
      writeFileSync(join(folder, "guest.wasm"), await compileCommand());
      const { code, out } = abiKit("guest", join(folder, "guest.wasm"), "--protocol", "wasi", "--only", "records/");
      expect(out).toMatch(/ok {4}records\/read-in-parts\n/);
      expect(out).toMatch(/: 5 passed, 0 failed, 0 skipped/);
      expect(code).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("lists its vectors, and knows no other protocol or transport", () => {
    expect(abiKit("list", "--protocol", "wasi").out).toContain("wasi/v1/ids/zero  §2  0 is an id.\n");
    expect(abiKit("list", "--protocol", "grpc")).toMatchObject({ code: 2, out: "" });
    expect(abiKit("host", "--runtime", "--protocol", "wasi", "--transport", "boat").code).toBe(2);
  });
});

describe("abi-kit", { timeout: 120_000 }, () => {
  test("lists its vectors with their promises", () => {
    const { code, out } = abiKit("list");
    expect(out).toContain("v1/versions/one  §8  A module that says version 1 is started.\n");
    expect(code).toBe(0);
  });

  test("shows its help where it is asked for, and where nothing is", () => {
    expect(abiKit("--help")).toMatchObject({ code: 0, err: "" });
    expect(abiKit()).toMatchObject({ code: 2, out: "" });
    expect(abiKit("fly").err).toContain('There is no command "fly".');
    expect(abiKit("host", "--fly").code).toBe(2);
  });

  test.each([
    [["host", "list"], 'takes nothing but options, and was given "list"'],
    [["host", "--command"], "--command"],
    [["host", "--runtime", "--only", ""], "--only needs a part of an id"],
    [["host", "--runtime", "--runtime"], "--runtime was given twice"],
    [["host", "--runtime", "--command", "x"], "needs one of"],
    [["host", "--runtime", "--transport", "shim"], "--transport goes with"],
    [["host", "--runtime", "--only", "v2/"], "No vector has v2/ in its id"],
    [["guest", "a.wasm", "b.wasm"], 'one wasm file, and was given "a.wasm" and "b.wasm"'],
    [["guest", "--runtime", "a.wasm"], "abi-kit guest takes no --runtime"],
    [["guest", "there-is-no-such.wasm"], '"there-is-no-such.wasm" cannot be read'],
    [["list", "--json"], "abi-kit list takes no --json"],
    [["list", "--only", "no-such-thing"], "No vector has no-such-thing in its id"],
  ])("calls %j wrong usage, and says why", (args, why) => {
    const { code, out, err } = abiKit(...args);
    expect(err).toContain(why);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  test("takes a whole number of milliseconds that a timer can wait, and nothing else", () => {
    for (const timeout of ["0", "0.5", "2147483648", "1e400", "soon", ""]) {
      expect(abiKit("host", "--runtime", "--only", "versions/one", `--timeout=${timeout}`).code).toBe(2);
    }
    expect(abiKit("host", "--runtime", "--only", "versions/one", "--timeout=2147483647").code).toBe(0);
  });

  test("lists only the vectors that are meant", () => {
    expect(abiKit("list", "--only", "versions/one").out.match(/\n/g)).toHaveLength(1);
  });
});
