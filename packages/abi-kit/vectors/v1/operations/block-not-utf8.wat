;; A block that is not UTF-8 ends the instance.
;; docs/abi.md §10: returns a block that is 0, lies outside its memory, says more bytes than there are, or is not UTF-8
(module
  (memory (export "memory") 1)
  (data (i32.const 100) "\22\ff\fe\22")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func $block (param $from i32) (param $length i32) (result i32) (local $at i32)
    (local.set $at (call $alloc (i32.add (i32.const 4) (local.get $length))))
    (i32.store (local.get $at) (local.get $length))
    (memory.copy (i32.add (local.get $at) (i32.const 4)) (local.get $from) (local.get $length))
    (local.get $at))

  (func (export "answer") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32) (call $block (i32.const 100) (i32.const 4))))
