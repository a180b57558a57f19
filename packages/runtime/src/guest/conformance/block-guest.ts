import { HOST_FUNCTION_NAMES, hostFunctionType } from "./abi-reference.js";

export const PAGE = 65_536;
export const JOB_AT = 16;
export const HANDLER = "(param i32 i32 i32 i32) (result i32)";

const IMPORTS = HOST_FUNCTION_NAMES.map((name) => {
  const { parameters, answers } = hostFunctionType(name);
  const type = `(param ${parameters.join(" ")})${answers ? " (result i32)" : ""}`;
  return `(import "spacedrive" "${name}" (func $${name} ${type}))`;
}).join("\n");

/** A call of a host function, its answer dropped. */
export function called(name: string, operands: string): string {
  const call = `(call $${name} ${operands})`;
  return hostFunctionType(name).answers ? `(drop ${call})` : call;
}

/** An allocator that bumps from page 4 on, and the job's id. */
export const GUEST = `${IMPORTS}
  (memory (export "memory") 8)
  (data (i32.const ${JOB_AT}) "\\11\\11\\11\\11\\11\\11\\41\\11\\81\\11\\11\\11\\11\\11\\11\\11")
  (data (i32.const 64) "query:test.echo.v1")
  (global $top (mut i32) (i32.const ${4 * PAGE}))
  (func $bump (param $size i32) (result i32)
    (global.set $top (i32.add (global.get $top) (local.get $size)))
    (i32.sub (global.get $top) (local.get $size)))`;

export const ALLOCATOR = `
  (func (export "wasm_alloc") (param i32) (result i32) (call $bump (local.get 0)))
  (func (export "wasm_free") (param i32 i32))`;
