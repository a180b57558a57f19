;; spacedrive_call answers 0 where wasm_alloc did, and the operation has happened.
;; docs/abi.md §3: It is 0 only where `wasm_alloc` returned 0; the operation has happened all the same, so a guest should trap.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "{}")

  (func (export "wasm_alloc") (param $size i32) (result i32) (i32.const 0))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "ask") (result i32)
    (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2))))
