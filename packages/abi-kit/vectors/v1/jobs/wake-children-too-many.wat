;; A wake_when that names more than 1,000 children is refused with INVALID_INPUT.
;; docs/abi.md §6: | `"children": "ended"`, `"children": ["<uuid>", …]` | when all its children have ended, or these, at most 1,000 |
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_fail" (func $fail (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "action:jobs.wake_when.input.v1")
  (data (i32.const 140) ",\2222222222-2222-4222-8222-222222222222\22")
  (data (i32.const 1024) "{\22children\22:[\2222222222-2222-4222-8222-222222222222\22")

  (global $top (mut i32) (i32.const 65536))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (data (i32.const 0) "workexecute_work")
  (func (export "plugin_init") (result i32)
    (call $register (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 12) (i32.const 1)))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (local $end i32) (local $count i32) (local $block i32)
    (local.set $end (i32.const 1075))
    (local.set $count (i32.const 1))
    (loop $again
      (memory.copy (local.get $end) (i32.const 140) (i32.const 39))
      (local.set $end (i32.add (local.get $end) (i32.const 39)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $count) (i32.const 1001))))
    (i32.store16 (local.get $end) (i32.const 0x7d5d))
    (local.set $block (call $call (i32.const 100) (i32.const 30) (i32.const 0) (i32.const 1024) (i32.sub (local.get $end) (i32.const 1022))))
    (call $fail (i32.const 16) (i32.add (local.get $block) (i32.const 4)) (i32.load (local.get $block)))
    (i32.const 2)))
