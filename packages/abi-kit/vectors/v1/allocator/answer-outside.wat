;; wasm_alloc that answers a range past the memory for the answer of a call ends the instance.
;; docs/abi.md §10: answers from `wasm_alloc` a range outside its memory, or one range for context and input that overlap
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "{}")

  (func (export "wasm_alloc") (param $size i32) (result i32) (i32.const 65533))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "ask")
    (drop (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2)))))
