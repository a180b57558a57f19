;; A trap in _initialize fails the start.
;; docs/abi.md §10: any of these in a start
(module
  (memory (export "memory") 1)
  (func (export "_initialize") unreachable))
