;; All other job functions do nothing for an id that differs in one byte, whichever it is.
;; docs/abi.md §3: With any other id, or outside a job, `job_checkpoint` returns 1, `job_check_interrupt` returns 2, and the rest do nothing.
(module
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (import "spacedrive" "job_add_warning" (func $warning (param i32 i32 i32)))
  (import "spacedrive" "job_increment_bytes" (func $bytes (param i32 i64)))
  (import "spacedrive" "job_increment_items" (func $items (param i32 i64)))
  (import "spacedrive" "job_fail" (func $fail (param i32 i32 i32)))
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "null")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (local $at i32)
    (loop $next
      (i32.store8 (i32.add (i32.const 16) (local.get $at)) (i32.xor (i32.load8_u (i32.add (i32.const 16) (local.get $at))) (i32.const 1)))
      (call $progress (i32.const 16) (f32.const 0.5) (i32.const 100) (i32.const 4))
      (call $warning (i32.const 16) (i32.const 100) (i32.const 4))
      (call $bytes (i32.const 16) (i64.const 1))
      (call $items (i32.const 16) (i64.const 1))
      (call $fail (i32.const 16) (i32.const 100) (i32.const 4))
      (call $complete (i32.const 16) (i32.const 100) (i32.const 4))
      (i32.store8 (i32.add (i32.const 16) (local.get $at)) (i32.xor (i32.load8_u (i32.add (i32.const 16) (local.get $at))) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 16))))
    (i32.const 0)))
