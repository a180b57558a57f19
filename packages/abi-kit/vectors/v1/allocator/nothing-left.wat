;; wasm_alloc that answers 0 for a context or an input is a lack of memory.
;; docs/abi.md §10: answers 0 from `wasm_alloc` for its context, state or input
(module
  (memory (export "memory") 1)

  (func (export "wasm_alloc") (param $size i32) (result i32) (i32.const 0))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "answer") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32)
    (i32.store (i32.const 2000) (i32.const 0))
    (i32.const 2000)))
