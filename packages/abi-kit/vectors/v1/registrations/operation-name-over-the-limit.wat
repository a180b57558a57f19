;; An operation with a name of 1,025 bytes is refused.
;; docs/abi.md §3: Names over 1,024 bytes are refused.
(module
  (import "spacedrive" "register_operation" (func $register (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 110) "echo")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (global $answer (mut i32) (i32.const 9))
  (func (export "plugin_init")
    (memory.fill (i32.const 200) (i32.const 0x61) (i32.const 2000))
    (global.set $answer (call $register (i32.const 0) (i32.const 200) (i32.const 1025) (i32.const 110) (i32.const 4))))
  (func (export "answer") (result i32) (global.get $answer))
  (func (export "echo") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32) (i32.const 0)))
