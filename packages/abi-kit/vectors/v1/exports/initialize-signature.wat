;; An export _initialize of another signature is refused by name.
;; docs/abi.md §2: | `_initialize` | `()` |
;; docs/abi.md §2: checked before the module is compiled. What fails is `MODULE_INVALID`
(module
  (memory (export "memory") 1)
  (func (export "_initialize") (result i32) (i32.const 0)))
