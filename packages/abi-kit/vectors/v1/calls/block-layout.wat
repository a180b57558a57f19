;; A block is the length as an unsigned little-endian number, then the bytes.
;; docs/abi.md §4: A block is `4 + n` bytes: `n` as an unsigned 32-bit little-endian number, then `n` bytes of JSON text.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "{}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (global $block (mut i32) (i32.const 0))
  (func (export "ask")
    (global.set $block (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2))))
  (func (export "length") (result i32) (i32.load (global.get $block)))
  (func (export "first_bytes") (result i32) (i32.load offset=4 (global.get $block))))
