;; A module with two memories is refused.
;; docs/abi.md §2: **exactly one memory**
(module
  (memory (export "memory") 1)
  (memory 1))
