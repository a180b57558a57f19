;; An operation that is called in wasm_alloc, while another one's answer is handed over, ends the instance.
;; docs/abi.md §4: During `wasm_alloc` and `wasm_free` the guest may call `spacedrive_log` and no other host function.
;; docs/abi.md §10: calls a host function but `spacedrive_log` within `wasm_alloc` or `wasm_free`, or any in its start function
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "{}")

  (func (export "wasm_alloc") (param $size i32) (result i32)
    (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2)))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "ask")
    (drop (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2)))))
