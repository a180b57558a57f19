import { beforeAll, describe, expect, test } from "vitest";
import { checkGuest } from "../src/guest/check-guest.js";
import { compileCommand } from "./compiled-command.js";
import { compileWat } from "./compile-wat.js";

/** What a guest with one text of its sources replaced is told by one check. */
async function problemOf(change: readonly [from: string, to: string], check: string): Promise<string> {
  const results = await checkGuest(await compileCommand(change), { protocol: "wasi", only: [check] });
  expect(results.map((result) => [result.check, result.status])).toEqual([[check, "failed"]]);
  expect(results[0]?.page).toBe("docs/wasi-protocol.md");
  return results[0]?.problems.join("\n") ?? "";
}

describe("the command in AssemblyScript", { timeout: 120_000 }, () => {
  let wasm: Uint8Array;
  beforeAll(async () => {
    wasm = await compileCommand();
  }, 120_000);

  test("passes every check", async () => {
    const results = await checkGuest(wasm, { protocol: "wasi" });
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
    expect(results.length).toBeGreaterThan(30);
  });

  test("is no guest of the ABI", async () => {
    const [result, ...rest] = await checkGuest(wasm);
    expect(rest).toEqual([]);
    expect(result?.problems[0]).toMatch(/wasi_snapshot_preview1.*docs\/abi\.md §2/);
  });
});

describe("a command that is wrong", { timeout: 120_000 }, () => {
  test("is not admitted with an import from elsewhere, and nothing else is tried", async () => {
    const wasm = await compileWat(
      '(module (import "env" "abort" (func)) (memory (export "memory") 1) (func (export "_start")))',
    );
    const results = await checkGuest(wasm, { protocol: "wasi" });
    expect(results).toHaveLength(1);
    expect(results[0]?.problems[0]).toMatch(/"env"\."abort".*docs\/wasi-protocol\.md §1/);
  });

  test.each([
    [
      "speaks another version",
      ['answer(id, "1")', 'answer(id, "2")'],
      "operations/echo",
      /answered start with 2.*docs\/wasi-protocol\.md §4/,
    ],
    [
      "does not register all",
      ['register("job", "count");', ""],
      "start/registers",
      /did not register the job "count".*docs\/wasi-protocol\.md §5/,
    ],
    [
      "asks in start for what only a job may",
      ['register("job", "count");', 'register("job", "count"); ask("interrupt", "");'],
      "operations/echo",
      /"interrupt" outside a job.*§5/,
    ],
    [
      "takes a part of a record for all of it",
      ["if (load<u8>(input + length - 1) == 0x0a) return", "if (length > 0) return"],
      "records/read-in-parts",
      /docs\/wasi-protocol\.md/,
    ],
    [
      "does not write on after a part",
      ["done += load<i32>(vector, 8)", "done = bytes.byteLength"],
      "records/written-in-parts",
      /reads standard input while the host waits for its answer.*§6/,
    ],
    [
      "reads ids as numbers",
      [
        "function answer(id: string, result: string): void {",
        "function answer(id: string, result: string): void {\n  id = parseInt(id).toString();",
      ],
      "records/ids-that-are-strings",
      /record.* is not JSON.*§2/,
    ],
    [
      "answers another id",
      ['"id":${id},"result"', '"id":4711,"result"'],
      "operations/echo",
      /answered 4711, which is not under way \(1 is\).*§6/,
    ],
    [
      "takes a field for its own wherever it stands",
      [
        "if (unquoted(key) == name) return object.substring(start, end);",
        'if (unquoted(key) == name) return object.substring(start, end);\n    if (object.charCodeAt(start) == 0x7b && member(object.substring(start, end), name) != "") return member(object.substring(start, end), name);',
      ],
      "records/unknown-fields",
      /docs\/wasi-protocol\.md/,
    ],
    [
      "answers an unknown export with another code",
      ["const NOT_FOUND = -32601", "const NOT_FOUND = -32000"],
      "commands/unknown-export",
      /answered handle of an unknown export with.*-32000.*§4/,
    ],
    [
      "sends what is not JSON",
      ['`"message":"counting to ${target} €"`', "`\"message\":'counting'`"],
      "jobs/warns",
      /record that is not JSON.*§2/,
    ],
    [
      "leaves out a parameter",
      ['`"message":"counting to ${target} €"`', '""'],
      "jobs/warns",
      /"warning" needs "message", a string, and has none.*§6/,
    ],
    [
      "does not read a reply",
      ['return member(readRecord(), "result");', 'return "0";'],
      "start/registers",
      /"register" before it had read what the host sent last.*§3/,
    ],
    [
      "counts after its answer",
      ["else answer(id, quoted(said));", 'else { answer(id, quoted(said)); tell("add_items", `"count":1`); }'],
      "operations/echo",
      /"add_items" after its answer: only a log without an id may follow.*§3/,
    ],
    [
      "answers twice",
      ["else answer(id, quoted(said));", "else { answer(id, quoted(said)); answer(id, quoted(said)); }"],
      "operations/echo",
      /answered 2, which is not under way.*§6/,
    ],
    [
      "does not obey an interrupt",
      ['ask("interrupt", "") != "0"', 'ask("interrupt", "") == "9"'],
      "jobs/cancels",
      /cancelled job returned 0.*docs\/wasi-protocol\.md §4/,
    ],
    [
      "takes a refused checkpoint for a durable one",
      [',"current":${current}}`) == "0"', ',"current":${current}}`) != "9"'],
      "jobs/refused-checkpoint",
      /should be 2, and is 0.*§5/,
    ],
    [
      "reports progress beyond its end",
      ["<f64>current / <f64>target}", "<f64>current}"],
      "jobs/reports",
      /"fraction" in its "progress" is 2: it takes 0\.0 to 1\.0.*§5/,
    ],
    [
      "does not end with its standard input",
      ["if (read == 0) proc_exit(0);", "if (read == 0) continue;"],
      "commands/end-of-input",
      /does not end where its standard input has ended.*§3/,
    ],
    [
      "counts when its standard input has ended",
      [
        "if (read == 0) proc_exit(0);",
        'if (read == 0) {\n      tell("add_items", `"count":1`);\n      proc_exit(0);\n    }',
      ],
      "commands/end-of-input",
      /"add_items" after its answer: only a log without an id may follow.*§3/,
    ],
    [
      "traps before its answer",
      [
        'if (name == "echo.v1") return',
        'if (name == "echo.v1") assert(false, "the disk is on fire");\n  if (name == "echo.v1") return',
      ],
      "operations/echo",
      /It trapped: .*It last wrote to standard error: the disk is on fire.*§6/,
    ],
  ] satisfies [string, [string, string], string, RegExp][])(
    "is told that it %s",
    async (_what, change, check, words) => {
      expect(await problemOf(change, check)).toMatch(words);
    },
  );

  test("is ended where it does not come back, and the next check is made", async () => {
    const wasm = await compileCommand([
      'if (name == "echo.v1") return',
      'while (name == "echo.v1") {}\n  if (name == "") return',
    ]);
    const only = ["operations/echo", "operations/add-64-bit"];
    const results = await checkGuest(wasm, { protocol: "wasi", only, timeoutMs: 3000 });
    expect(results.map(({ status }) => status)).toEqual(["failed", "passed"]);
    expect(results[0]?.problems[0]).toContain("did not come back within 3000 ms");
  });
});
