;; What an export returns is a signed number.
;; docs/abi.md §2: any other `() -> i32` or `()`
(module
  (memory (export "memory") 1)
  (func (export "minus") (result i32) (i32.const -5)))
