;; A trap ends the instance, and its message names the functions that it went through.
;; docs/abi.md §10: traps, overflows its stack, or lets an exception escape
;; docs/abi.md §10: with the names of its functions
(module
  (memory (export "memory") 1)
  (func $inner unreachable)
  (func (export "run") (call $inner)))
