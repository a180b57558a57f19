;; A function body of one byte more is refused.
;; docs/abi.md §2: **function bodies** of 64 KiB at most
;; docs/abi.md §9: | `maxFunctionBodyBytes` | 64 KiB | `MODULE_INVALID` |
(module
  (memory (export "memory") 1)
  (func (export "long")
    nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop
    nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop
    nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop
    nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop
    nop))
