import { compileWat } from "./compile-wat.js";

/** Interns a text in the module's data, and answers its pointer and length as two operands. */
export type Text = (text: string) => string;

const PRELUDE = `
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register_job (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "register_operation" (func $register_operation (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (import "spacedrive" "job_check_interrupt" (func $interrupted (param i32) (result i32)))
  (import "spacedrive" "job_add_warning" (func $warning (param i32 i32 i32)))
  (import "spacedrive" "job_increment_items" (func $items (param i32 i64)))
  (import "spacedrive" "job_increment_bytes" (func $bytes (param i32 i64)))
  (import "spacedrive" "job_fail" (func $fail (param i32 i32 i32)))
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (memory (export "memory") 4)
  (global $heap (mut i32) (i32.const 65536))
  (global $job (mut i32) (i32.const 0))
  (global $calls (mut i32) (i32.const 0))
  (global $reply (mut i32) (i32.const 0))

  ;; Never gives anything back: a test's guest does not live long.
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $heap))
    (global.set $heap (i32.add (global.get $heap) (local.get $size)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $size) (i32.const 65536)))))))
    (local.get $at))
  (func (export "wasm_free") (param i32 i32))

  (func $block (param $at i32) (param $length i32) (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.add (i32.const 4) (local.get $length))))
    (i32.store (local.get $block) (local.get $length))
    (memory.copy (i32.add (local.get $block) (i32.const 4)) (local.get $at) (local.get $length))
    (local.get $block))

  (func $digit (param $c i32) (result i32)
    (if (result i32) (i32.ge_u (local.get $c) (i32.const 97))
      (then (i32.sub (local.get $c) (i32.const 87)))
      (else (i32.sub (local.get $c) (i32.const 48)))))

  ;; The 16 bytes of the job id, from the context {"job_id":"<uuid>",…}: 11 bytes in.
  (func $read_job_id (param $ctx i32)
    (local $from i32) (local $to i32) (local $end i32)
    (global.set $job (call $alloc (i32.const 16)))
    (local.set $from (i32.add (local.get $ctx) (i32.const 11)))
    (local.set $to (global.get $job))
    (local.set $end (i32.add (global.get $job) (i32.const 16)))
    (loop $next
      (if (i32.eq (i32.load8_u (local.get $from)) (i32.const 45))
        (then (local.set $from (i32.add (local.get $from) (i32.const 1)))))
      (i32.store8 (local.get $to)
        (i32.or
          (i32.shl (call $digit (i32.load8_u (local.get $from))) (i32.const 4))
          (call $digit (i32.load8_u (i32.add (local.get $from) (i32.const 1))))))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $to) (local.get $end)))))
`;

/** A guest of every host function, an allocator and whatever `body` writes, as wasm. */
export async function watGuest(body: (text: Text) => string): Promise<Uint8Array> {
  const data: string[] = [];
  let end = 1024;
  const text: Text = (value) => {
    const bytes = Buffer.from(value, "utf8");
    const at = end;
    data.push(
      `(data (i32.const ${at}) "${[...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}")`,
    );
    end += bytes.length;
    return `(i32.const ${at}) (i32.const ${bytes.length})`;
  };
  const functions = body(text);
  return compileWat(`(module ${PRELUDE} ${functions} ${data.join("\n")})`);
}

/** An operation's export. */
export function handler(name: string, body: string): string {
  return `(func (export "${name}") (param $ctx i32) (param $ctx_length i32) (param $input i32) (param $input_length i32) (result i32) ${body})`;
}

/** An operation's export that answers what another operation answers to its own input. */
export function relay(text: Text, name: string, method: string): string {
  return handler(name, `(call $call ${text(method)} (i32.const 0) (local.get $input) (local.get $input_length))`);
}

/** A job's export, with `$job` set. */
export function job(name: string, body: string): string {
  return `(func (export "${name}") (param $ctx i32) (param $ctx_length i32) (param $state i32) (param $state_length i32) (result i32)
    (call $read_job_id (local.get $ctx)) ${body})`;
}
