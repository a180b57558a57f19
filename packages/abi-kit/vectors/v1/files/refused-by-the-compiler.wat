;; What the compiler refuses is not loaded: a body that leaves no result.
;; docs/abi.md §10: one that the compiler refuses
(module
  (memory (export "memory") 1)
  (func (export "wrong") (result i32)))
