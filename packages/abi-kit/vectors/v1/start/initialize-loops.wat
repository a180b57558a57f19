;; An _initialize that does not come back in time fails the start.
;; docs/abi.md §2: all within one time limit
(module
  (memory (export "memory") 1)

  (func (export "_initialize") (loop $ever (br $ever))))
