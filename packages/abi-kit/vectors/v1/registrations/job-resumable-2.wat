;; Any number but 0 makes a job resumable.
;; docs/abi.md §3: A job with `resumable` 0 fails when its host dies, and cannot be paused.
(module
  (import "spacedrive" "register_job" (func $register_job (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "counter")
  (data (i32.const 110) "execute_counter")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "plugin_init") (result i32)
    (call $register_job (i32.const 100) (i32.const 7) (i32.const 110) (i32.const 15) (i32.const 2)))
  (func (export "execute_counter") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0)))
