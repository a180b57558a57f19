;; A memory with 64-bit addresses is refused.
;; docs/abi.md §2: 32-bit, unshared
(module
  (memory (export "memory") i64 1))
