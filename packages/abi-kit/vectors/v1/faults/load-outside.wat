;; A trap by load outside ends the instance.
;; docs/abi.md §10: traps, overflows its stack, or lets an exception escape
(module
  (memory (export "memory") 1)
  (func $inner (drop (i32.load (i32.const 65533))))
  (func (export "run") (call $inner)))
