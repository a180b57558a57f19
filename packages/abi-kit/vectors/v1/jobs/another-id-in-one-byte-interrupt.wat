;; job_check_interrupt answers 2 to an id that differs in one byte, whichever it is.
;; docs/abi.md §3: With any other id, or outside a job, `job_checkpoint` returns 1, `job_check_interrupt` returns 2, and the rest do nothing.
(module
  (import "spacedrive" "job_check_interrupt" (func $interrupt (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (local $at i32) (local $sum i32)
    (loop $next
      (i32.store8 (i32.add (i32.const 16) (local.get $at)) (i32.xor (i32.load8_u (i32.add (i32.const 16) (local.get $at))) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (call $interrupt (i32.const 16))))
      (i32.store8 (i32.add (i32.const 16) (local.get $at)) (i32.xor (i32.load8_u (i32.add (i32.const 16) (local.get $at))) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 16))))
    ;; 16 times 2, and 0 to the id itself
    (i32.add (call $interrupt (i32.const 16)) (i32.sub (local.get $sum) (i32.const 32)))))
