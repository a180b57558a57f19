;; Data that reaches past the initial memory is refused.
;; docs/abi.md §2: **data segments** that fit its initial memory
(module
  (memory (export "memory") 1)
  (data (i32.const 65533) "last"))
