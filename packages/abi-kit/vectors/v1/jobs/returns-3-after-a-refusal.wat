;; A job whose wake_when was answered with an error has asked for nothing: that it returns 3 is a failure.
;; docs/abi.md §6: One that returns 3 and has asked for nothing has failed.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "action:jobs.wake_when.input.v1")
  (data (i32.const 140) "{}")
  (data (i32.const 170) "{\22n\22:1}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (drop (call $call (i32.const 100) (i32.const 30) (i32.const 0) (i32.const 140) (i32.const 2)))
    (drop (call $checkpoint (i32.const 16) (i32.const 170) (i32.const 7)))
    (i32.const 3)))
