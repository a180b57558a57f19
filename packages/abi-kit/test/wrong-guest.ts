import { compileWat } from "./compile-wat.js";

const IMPORTS = `
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register_job (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "register_operation" (func $register_operation (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_check_interrupt" (func $interrupt (param i32) (result i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (memory (export "memory") 64)
  (data (i32.const 100) "echo.v1relay.v1fail.v1count")
  (data (i32.const 140) "runwork")
  (data (i32.const 200) "query:kit.echo.v1action:kit.store.input.v1")
  (data (i32.const 260) "{}\\ff\\fe")
  (data (i32.const 300) "\\09\\00\\00\\00{\\"text\\":1")
  (data (i32.const 400) "\\02\\00\\00\\00{}")`;

/** Hands out slots of 64 KiB, and takes back whatever it is told to: a second time, too. */
const ALLOCATOR = `
  (global $top (mut i32) (i32.const 65536))
  (global $stack (mut i32) (i32.const 1024))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (if (i32.gt_u (global.get $stack) (i32.const 1024))
      (then
        (global.set $stack (i32.sub (global.get $stack) (i32.const 4)))
        (return (i32.load (global.get $stack)))))
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (i32.const 65536))))
  (func $free (export "wasm_free") (param $pointer i32) (param $size i32)
    (i32.store (global.get $stack) (local.get $pointer))
    (global.set $stack (i32.add (global.get $stack) (i32.const 4))))`;

const INIT = `
  (func (export "plugin_init")
    (drop (call $register_operation (i32.const 0) (i32.const 100) (i32.const 7) (i32.const 140) (i32.const 3)))
    (drop (call $register_operation (i32.const 0) (i32.const 107) (i32.const 8) (i32.const 140) (i32.const 3)))
    (drop (call $register_operation (i32.const 0) (i32.const 115) (i32.const 7) (i32.const 140) (i32.const 3)))
    (drop (call $register_job (i32.const 122) (i32.const 5) (i32.const 143) (i32.const 4) (i32.const 1))))`;

interface Parts {
  /** `wasm_alloc` and `wasm_free`. */
  readonly allocator?: string;
  /** `plugin_init`. */
  readonly init?: string;
  /** What every operation does with `$context $context_length $input $input_length`. */
  readonly operation?: string;
  /** What the job does. */
  readonly job?: string;
}

/** A guest with one fault, at the place that a test names. */
export async function wrongGuest(parts: Parts): Promise<Uint8Array> {
  const { allocator = ALLOCATOR, init = INIT, operation = "(i32.const 400)", job = "(i32.const 0)" } = parts;
  const parameters =
    "(param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32)";
  return compileWat(`(module ${IMPORTS} ${allocator} ${init}
    (func (export "run") ${parameters} ${operation})
    (func (export "work") ${parameters} ${job}))`);
}
