;; An operation that does not answer within its own limit is answered TIMEOUT, and the guest lives on.
;; docs/abi.md §9: | an operation that it calls | its own, 30 s | the guest is answered `TIMEOUT` |
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "relay") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32)
    (call $call (i32.const 100) (i32.const 18) (i32.const 0) (local.get $input) (local.get $input_length))))
