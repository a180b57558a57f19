;; Any export () -> i32 can be called by name, and its number comes back.
;; docs/abi.md §2: can be called by name
(module
  (memory (export "memory") 1)
  (func (export "seven") (result i32) (i32.const 7)))
