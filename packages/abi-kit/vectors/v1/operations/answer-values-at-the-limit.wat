;; An answer of exactly maxPayloadValues JSON values reaches the caller.
;; docs/abi.md §9: | `maxPayloadValues`: JSON values, keys counted, of what a guest gives: a payload, its own answer or a result | 250,000 | `PAYLOAD_TOO_LARGE` to the guest; of an answer or a result `REPLY_TOO_LARGE` |
(module
  (import "spacedrive" "register_operation" (func $register (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "echo.v1echo")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "plugin_init") (result i32)
    (call $register (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 7) (i32.const 4)))

  (func (export "echo") (param $context i32) (param $context_length i32) (param $input i32) (param $length i32) (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.add (local.get $length) (i32.const 4))))
    (i32.store (local.get $block) (local.get $length))
    (memory.copy (i32.add (local.get $block) (i32.const 4)) (local.get $input) (local.get $length))
    (local.get $block)))
