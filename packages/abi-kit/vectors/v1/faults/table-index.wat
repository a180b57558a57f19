;; A trap by table index ends the instance.
;; docs/abi.md §10: traps, overflows its stack, or lets an exception escape
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (func $inner (call_indirect (i32.const 9)))
  (func (export "run") (call $inner)))
