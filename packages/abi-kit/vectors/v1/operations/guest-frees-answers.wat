;; The block of spacedrive_call is the guest's to free: the host does not.
;; docs/abi.md §4: | answer of `spacedrive_call` | the host, by `wasm_alloc(4 + n)` | the guest, by `wasm_free(pointer, 4 + n)` |
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "{}")

  (global $top (mut i32) (i32.const 4096))
  (global $live (mut i32) (i32.const 0))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.set $live (i32.add (global.get $live) (local.get $size)))
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32)
    (global.set $live (i32.sub (global.get $live) (local.get $size))))
  (func (export "live") (result i32) (global.get $live))

  (func (export "ask")
    (drop (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2)))))
