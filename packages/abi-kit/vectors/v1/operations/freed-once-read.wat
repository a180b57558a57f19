;; The host frees an answer only after it has read it, and the input only after the call.
;; docs/abi.md §4: right after it has read it
;; docs/abi.md §4: the host, after the call; the guest borrows them
(module
  (memory (export "memory") 1)

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  ;; What is freed is overwritten at once.
  (func (export "wasm_free") (param $pointer i32) (param $size i32)
    (memory.fill (local.get $pointer) (i32.const 0x78) (local.get $size)))

  (func (export "echo") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.add (local.get $input_length) (i32.const 4))))
    (i32.store (local.get $block) (local.get $input_length))
    (memory.copy (i32.add (local.get $block) (i32.const 4)) (local.get $input) (local.get $input_length))
    (local.get $block)))
