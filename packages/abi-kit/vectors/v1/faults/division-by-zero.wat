;; A trap by division by zero ends the instance.
;; docs/abi.md §10: traps, overflows its stack, or lets an exception escape
(module
  (memory (export "memory") 1)
  (func $inner (drop (i32.div_u (i32.const 1) (i32.const 0))))
  (func (export "run") (call $inner)))
