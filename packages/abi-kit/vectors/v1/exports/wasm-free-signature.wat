;; An export wasm_free of another signature is refused by name.
;; docs/abi.md §2: | `wasm_free` | `(pointer: i32, size: i32)` |
;; docs/abi.md §2: checked before the module is compiled. What fails is `MODULE_INVALID`
(module
  (memory (export "memory") 1)
  (func (export "wasm_free") (param i32)))
