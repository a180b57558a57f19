;; A trap in the start function fails the start.
;; docs/abi.md §10: any of these in a start
(module
  (memory (export "memory") 1)
  (func $first unreachable)
  (start $first))
