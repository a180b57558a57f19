;; A payload of one byte more is answered PAYLOAD_TOO_LARGE, and nothing is called.
;; docs/abi.md §9: | `maxPayloadBytes`, into a call, an operation or a checkpoint | 16 MiB |
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "\22xxxxxxxxx\22")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "ask") (result i32) (local $block i32)
    (local.set $block (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 11)))
    ;; 1 where the answer is an object: an error
    (i32.eq (i32.load8_u offset=4 (local.get $block)) (i32.const 0x7b))))
