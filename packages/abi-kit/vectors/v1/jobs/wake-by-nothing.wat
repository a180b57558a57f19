;; A wake_when without a field is refused with INVALID_INPUT.
;; docs/abi.md §6: At least one field is needed, and the first to come wakes.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_fail" (func $fail (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 1024) "action:jobs.wake_when.input.v1")
  (data (i32.const 1088) "{}")

  (global $top (mut i32) (i32.const 65536))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (data (i32.const 0) "workexecute_work")
  (func (export "plugin_init") (result i32)
    (call $register (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 12) (i32.const 1)))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (local $block i32)
    (local.set $block (call $call (i32.const 1024) (i32.const 30) (i32.const 0) (i32.const 1088) (i32.const 2)))
    (call $fail (i32.const 16) (i32.add (local.get $block) (i32.const 4)) (i32.load (local.get $block)))
    (i32.const 2)))
