;; An export wasm_alloc of another signature is refused by name.
;; docs/abi.md §2: | `wasm_alloc` | `(size: i32) -> i32` |
;; docs/abi.md §2: checked before the module is compiled. What fails is `MODULE_INVALID`
(module
  (memory (export "memory") 1)
  (func (export "wasm_alloc") (param i64) (result i32) (i32.const 0)))
