;; A shared memory is refused.
;; docs/abi.md §2: 32-bit, unshared
(module
  (memory (export "memory") 1 1 shared))
