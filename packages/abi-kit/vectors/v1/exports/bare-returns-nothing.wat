;; Any export () can be called by name, and counts as 0.
;; docs/abi.md §2: any other `() -> i32` or `()`
(module
  (memory (export "memory") 1)
  (func (export "nothing")))
