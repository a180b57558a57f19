/** The id that `RecordingJob` has, at 16. */
const JOB_ID = "\\11\\11\\11\\11\\11\\11\\41\\11\\81\\11\\11\\11\\11\\11\\11\\11";

const HANDLER = "(param $ctx i32) (param $ctx_length i32) (param $in i32) (param $length i32) (result i32)";

function handler(name: string, body: string): string {
  return `(func (export "${name}") ${HANDLER} ${body})`;
}

/** Reads the input as hexadecimal digits. */
const HEX = `(call $decode (local.get $in) (local.get $length))`;
/** Reads the input as a decimal number. */
const NUMBER = `(call $number (local.get $in) (local.get $length))`;
const BYTES = "(global.get $bytes) (global.get $count)";

/**
 * A guest that passes any bytes at all through each host function: what its input spells in hexadecimal, or as many zero
 * bytes as its input says. `more` is put behind its own functions, and may use them.
 */
export function byteGuest(more = ""): string {
  return `(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (import "spacedrive" "job_add_warning" (func $warning (param i32 i32 i32)))
  (import "spacedrive" "job_fail" (func $fail (param i32 i32 i32)))
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  ;; Pages 1 to 63 are zero, and free for what is only counted; the heap begins behind them.
  (memory (export "memory") 80)
  (data (i32.const 16) "${JOB_ID}")
  (data (i32.const 64) "query:test.echo.v1")
  (global $top (mut i32) (i32.const 4194304))
  (global $live (mut i32) (i32.const 0))
  (global $bytes (mut i32) (i32.const 0))
  (global $count (mut i32) (i32.const 0))

  (func $alloc (export "wasm_alloc") (param $size i32) (result i32) (local $at i32)
    (if (i32.eqz (global.get $live)) (then (global.set $top (i32.const 4194304))))
    (local.set $at (global.get $top))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (global.set $live (i32.add (global.get $live) (i32.const 1)))
    (local.get $at))
  (func (export "wasm_free") (param i32 i32) (global.set $live (i32.sub (global.get $live) (i32.const 1))))

  (func $digit (param $c i32) (result i32)
    (select (i32.sub (local.get $c) (i32.const 87)) (i32.sub (local.get $c) (i32.const 48)) (i32.ge_u (local.get $c) (i32.const 97))))
  ;; Two digits a byte, to $bytes and $count; in place, since each byte is written behind what is still read.
  (func $decode (param $from i32) (param $length i32) (local $i i32)
    (global.set $bytes (local.get $from))
    (global.set $count (i32.shr_u (local.get $length) (i32.const 1)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (global.get $count)))
      (i32.store8 (i32.add (local.get $from) (local.get $i))
        (i32.or
          (i32.shl (call $digit (i32.load8_u (i32.add (local.get $from) (i32.shl (local.get $i) (i32.const 1))))) (i32.const 4))
          (call $digit (i32.load8_u offset=1 (i32.add (local.get $from) (i32.shl (local.get $i) (i32.const 1)))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))))
  (func $number (param $from i32) (param $length i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10)) (call $digit (i32.load8_u (local.get $from)))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br_if $next (local.get $length)))
    (local.get $sum))
  (func $block (param $from i32) (param $length i32) (result i32) (local $at i32)
    (local.set $at (call $alloc (i32.add (i32.const 4) (local.get $length))))
    (i32.store (local.get $at) (local.get $length))
    (memory.copy (i32.add (i32.const 4) (local.get $at)) (local.get $from) (local.get $length))
    (local.get $at))
  (func $echo (param $at i32) (param $length i32) (result i32)
    (call $call (i32.const 64) (i32.const 18) (i32.const 0) (local.get $at) (local.get $length)))

  ${handler("relay", "(call $echo (local.get $in) (local.get $length))")}
  ${handler("call_payload", `${HEX} (call $echo ${BYTES})`)}
  ${handler("call_method", `${HEX} (call $call ${BYTES} (i32.const 0) (i32.const 0) (i32.const 0))`)}
  ${handler("call_length", `(call $echo (i32.const 65536) ${NUMBER})`)}
  ${handler("answer", `${HEX} (call $block ${BYTES})`)}
  ${handler("answer_length", `(call $block (i32.const 65536) ${NUMBER})`)}
  ${handler("log", `${HEX} (call $log (i32.const 1) ${BYTES}) (call $block (i32.const 65536) (i32.const 0))`)}
  ${handler(
    "keep_state",
    `(if (call $checkpoint (i32.const 16) (local.get $in) (local.get $length)) (then (return (i32.const 1))))
     (call $complete (i32.const 16) (local.get $in) (local.get $length)) (i32.const 0)`,
  )}
  ${handler("keep_bytes", `${HEX} (call $checkpoint (i32.const 16) ${BYTES})`)}
  ${handler("keep_length", `(call $checkpoint (i32.const 16) (i32.const 65536) ${NUMBER})`)}
  ${handler("complete_bytes", `${HEX} (call $complete (i32.const 16) ${BYTES}) (i32.const 0)`)}
  ${handler("complete_length", `(call $complete (i32.const 16) (i32.const 65536) ${NUMBER}) (i32.const 0)`)}
  ${handler(
    "say_bytes",
    `${HEX} (call $warning (i32.const 16) ${BYTES}) (call $progress (i32.const 16) (f32.const 0.5) ${BYTES})
     (call $fail (i32.const 16) ${BYTES}) (i32.const 0)`,
  )}
  ${more})`;
}
