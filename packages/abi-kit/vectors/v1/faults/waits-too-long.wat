;; The limit of a call covers the operation that it waits for.
;; docs/abi.md §9: with what it waits for
;; docs/abi.md §10: the signal of an operation that it waits for is aborted
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

  (func (export "run")
    (drop (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2)))))
