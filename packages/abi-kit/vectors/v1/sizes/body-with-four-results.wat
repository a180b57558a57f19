;; In a module with a type of four results the limit of a body is divided by two.
;; docs/abi.md §2: divided by the square root of the most results that a type of the module has
(module
  (memory (export "memory") 1)
  (type (func (result i32 i32 i32 i32)))
  (func (export "long")
    nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop
    nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop
    nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop nop))
