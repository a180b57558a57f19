;; An allocator that traps with the memory at its cap is a lack of memory.
;; docs/abi.md §9: a trap at the cap, or of an allocator that could not grow, is `GUEST_MEMORY_LIMIT`
;; docs/abi.md §10: the same with its memory grown to the cap
(module
  (memory (export "memory") 1)

  (func (export "wasm_alloc") (param $size i32) (result i32)
    (loop $again (br_if $again (i32.ne (i32.const -1) (memory.grow (i32.const 1)))))
    unreachable)
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "answer") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32) (i32.const 0)))
