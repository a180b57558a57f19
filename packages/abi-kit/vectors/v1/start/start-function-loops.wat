;; A start function that does not come back in time fails the start.
;; docs/abi.md §2: all within one time limit
(module
  (memory (export "memory") 1)

  (func $main (loop $ever (br $ever)))
  (start $main))
