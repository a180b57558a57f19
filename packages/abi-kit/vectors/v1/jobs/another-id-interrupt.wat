;; job_check_interrupt answers 2 to the id of another job, and no interrupt was seen by that.
;; docs/abi.md §3: With any other id, or outside a job, `job_checkpoint` returns 1, `job_check_interrupt` returns 2, and the rest do nothing.
;; docs/abi.md §10: names a job that does not run in it
(module
  (import "spacedrive" "job_check_interrupt" (func $interrupt (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 32) "\22\22\22\22\22\22B\22\82\22\22\22\22\22\22\22")
  (data (i32.const 100) "{\22n\22:1}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (i32.sub (call $interrupt (i32.const 32)) (i32.const 1))))
