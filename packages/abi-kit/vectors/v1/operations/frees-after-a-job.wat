;; The host frees the context and the state of a job after it, also where there was no state.
;; docs/abi.md §4: | context, state, input of a call | the host, by `wasm_alloc(length)` | the host, after the call; the guest borrows them |
(module
  (memory (export "memory") 1)

  (global $top (mut i32) (i32.const 4096))
  (global $live (mut i32) (i32.const 0))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.set $live (i32.add (global.get $live) (local.get $size)))
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32)
    (global.set $live (i32.sub (global.get $live) (local.get $size))))
  (func (export "live") (result i32) (global.get $live))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0)))
