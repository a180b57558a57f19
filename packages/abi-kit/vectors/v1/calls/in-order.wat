;; Calls reach the host in the order in which the guest makes them.
;; docs/abi.md §3: **`spacedrive_call`** calls an operation and returns when it has answered.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "1")
  (data (i32.const 130) "2")
  (data (i32.const 132) "3")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func $ask (param $payload i32)
    (drop (call $call (i32.const 100) (i32.const 18) (i32.const 0) (local.get $payload) (i32.const 1))))
  (func (export "thrice") (call $ask (i32.const 128)) (call $ask (i32.const 130)) (call $ask (i32.const 132))))
