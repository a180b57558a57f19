;; wasm_alloc that answers an address with its highest bit set is read as unsigned, and ends the instance.
;; docs/abi.md §10: answers from `wasm_alloc` a range outside its memory, or one range for context and input that overlap
;; docs/abi.md §1: `i32` operands read as unsigned
(module
  (memory (export "memory") 1)

  (func (export "wasm_alloc") (param $size i32) (result i32) (i32.const -2))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "answer") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32)
    (i32.store (i32.const 2000) (i32.const 0))
    (i32.const 2000)))
