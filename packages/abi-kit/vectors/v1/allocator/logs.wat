;; wasm_alloc and wasm_free may log.
;; docs/abi.md §4: During `wasm_alloc` and `wasm_free` the guest may call `spacedrive_log` and no other host function.
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "allocfree")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (call $log (i32.const 0) (i32.const 100) (i32.const 5))
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32)
    (call $log (i32.const 0) (i32.const 105) (i32.const 4)))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0)))
