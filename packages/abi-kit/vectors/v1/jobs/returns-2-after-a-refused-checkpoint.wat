;; A checkpoint that was refused is none: a job that returns 2 after a pause has failed.
;; docs/abi.md §6: | 2 | failed; without `job_fail`, after an interrupt that it saw, and with a checkpoint stored in this run or to be cancelled: interrupted |
(module
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (import "spacedrive" "job_check_interrupt" (func $interrupt (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "{\22n\22:1}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (drop (call $interrupt (i32.const 16)))
    (drop (call $checkpoint (i32.const 16) (i32.const 100) (i32.const 7)))
    (i32.const 2)))
