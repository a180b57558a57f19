;; Data that ends where the initial memory ends is taken.
;; docs/abi.md §2: **data segments** that fit its initial memory
(module
  (memory (export "memory") 1)
  (data (i32.const 65532) "last"))
