;; A state of one byte more is PAYLOAD_TOO_LARGE to who gives it, and the guest lives on.
;; docs/abi.md §9: to a caller of the guest: `PAYLOAD_TOO_LARGE`
(module
  (memory (export "memory") 1)

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (unreachable)))
