;; wasm_alloc may grow the memory for an input that does not fit it.
;; docs/abi.md §4: `wasm_alloc` may grow the memory.
(module
  (memory (export "memory") 1)

  (global $top (mut i32) (i32.const 65536))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func $block (param $from i32) (param $length i32) (result i32) (local $at i32)
    (local.set $at (call $alloc (i32.add (i32.const 4) (local.get $length))))
    (i32.store (local.get $at) (local.get $length))
    (memory.copy (i32.add (local.get $at) (i32.const 4)) (local.get $from) (local.get $length))
    (local.get $at))

  (func (export "echo") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32)
    (call $block (local.get $input) (local.get $input_length))))
