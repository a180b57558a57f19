;; An endless recursion ends the instance, and not the host.
;; docs/abi.md §10: traps, overflows its stack, or lets an exception escape
(module
  (memory (export "memory") 1)
  (func $deeper (param i32) (result i32) (i32.add (i32.const 1) (call $deeper (local.get 0))))
  (func (export "run") (result i32) (call $deeper (i32.const 1))))
