;; wasm_alloc may grow the memory for the answer of a call.
;; docs/abi.md §4: `wasm_alloc` may grow the memory.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "\22nine char\22")

  ;; Every allocation is in a page of its own, which was not there before.
  (func (export "wasm_alloc") (param $size i32) (result i32)
    (i32.shl (memory.grow (i32.const 1)) (i32.const 16)))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "length") (result i32)
    (i32.load (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 11)))))
