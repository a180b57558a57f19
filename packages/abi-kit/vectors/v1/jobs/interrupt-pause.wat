;; job_check_interrupt answers 1 where the job is to pause; a job that then returns 1 is interrupted.
;; docs/abi.md §3: **`job_check_interrupt`** returns 0 to go on, 1 to pause, 2 to cancel.
;; docs/abi.md §6: | 1 | interrupted: it saw an interrupt
(module
  (import "spacedrive" "job_check_interrupt" (func $interrupt (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (call $interrupt (i32.const 16))))
