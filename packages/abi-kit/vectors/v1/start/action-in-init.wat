;; plugin_init may not call an action: it is answered GUEST_ABI_VIOLATION, and the start goes on.
;; docs/abi.md §2: may call queries but no actions: the answer to one is an envelope with the code `GUEST_ABI_VIOLATION`.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "action:test.store.input.v1")
  (data (i32.const 130) "{}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "plugin_init") (local $block i32)
    (local.set $block (call $call (i32.const 100) (i32.const 26) (i32.const 0) (i32.const 130) (i32.const 2)))
    (call $log (i32.const 1) (i32.add (local.get $block) (i32.const 4)) (i32.load (local.get $block)))))
