;; The host never calls wasm_alloc(0), also where a job has no state.
;; docs/abi.md §4: The host never calls `wasm_alloc(0)`.
(module
  (memory (export "memory") 1)

  (global $top (mut i32) (i32.const 4096))
  (func (export "wasm_alloc") (param $size i32) (result i32)
    (if (i32.eqz (local.get $size)) (then unreachable))
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32)
    (if (i32.eqz (local.get $size)) (then unreachable)))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0)))
