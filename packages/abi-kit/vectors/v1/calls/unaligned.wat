;; Nothing is expected to be aligned: pointers may be odd.
;; docs/abi.md §1: Nothing is expected to be aligned.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 17) "\0a\0b\0c\0d\0e\0f@\01\82\03\04\05\06\07\08\ff")
  (data (i32.const 101) "query:test.echo.v1")
  (data (i32.const 131) "[1]")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "odd") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32)
    (call $call (i32.const 101) (i32.const 18) (i32.const 17) (i32.const 131) (i32.const 3))))
