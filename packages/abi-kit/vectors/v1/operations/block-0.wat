;; A block of 0 ends the instance.
;; docs/abi.md §10: returns a block that is 0, lies outside its memory, says more bytes than there are, or is not UTF-8
(module
  (memory (export "memory") 1)

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "answer") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32) (i32.const 0)))
