import type { HostCalls } from "@spacedrive/runtime";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "@spacedrive/runtime/engine";
import { expect } from "vitest";
import { PREVIEW1_SIGNATURES } from "../src/preview1/preview1-signatures.js";
import { createWasiEngine, type WasiTransport } from "../src/index.js";
import { compileWat } from "./compile-wat.js";

/** A function of preview1, imported by its name with its signature. */
export function importOf(name: string): string {
  const [, parameters = "", result = ""] = /^\((.*)\) -> (.*)$/.exec(PREVIEW1_SIGNATURES.get(name) ?? "") ?? [];
  const types = parameters === "" ? "" : `(param ${parameters.replaceAll(",", "")})`;
  return `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${types} ${result === "()" ? "" : `(result ${result})`}))`;
}

/**
 * What one call answered to a command of one page, which tells it in a line of output. `body` comes before the call; `after` may
 * put something else into `$answer`, less than 100. There are locals `$i` and `$j` for either.
 */
export async function answerOf(
  transport: WasiTransport,
  name: string,
  operands: string,
  body = "",
  after = "",
  alsoImported: readonly string[] = [],
  limits: GuestLimits = DEFAULT_GUEST_LIMITS,
): Promise<number> {
  const imported = [...new Set([name, "fd_write", ...alsoImported])].map(importOf).join(" ");
  const text = `(module ${imported} (memory (export "memory") 1)
    (data (i32.const 100) "answer ??\\n")
    (func (export "_start") (local $answer i32) (local $i i32) (local $j i32)
      ${body}
      (local.set $answer (call $${name} ${operands}))
      ${after}
      (i32.store8 (i32.const 107) (i32.add (i32.const 48) (i32.div_u (local.get $answer) (i32.const 10))))
      (i32.store8 (i32.const 108) (i32.add (i32.const 48) (i32.rem_u (local.get $answer) (i32.const 10))))
      (i32.store (i32.const 200) (i32.const 100)) (i32.store (i32.const 204) (i32.const 10))
      (drop (call $fd_write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 208)))))`;
  const lines: string[] = [];
  const host: HostCalls = {
    call: async () => "",
    log: (_level, line) => lines.push(line),
    register: () => true,
  };
  await using engine = createWasiEngine({ transport, spareThreads: 0 });
  const module = await engine.compile("small", await compileWat(text), limits);
  // It ends without an answer to start, after it has told.
  await expect(module.start(host)).rejects.toMatchObject({ code: "INIT_FAILED" });
  const line = lines.findLast((said) => said.startsWith("answer "));
  return Number(line?.slice("answer ".length) ?? Number.NaN);
}
