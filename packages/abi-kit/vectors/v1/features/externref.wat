;; A guest may use funcref and externref.
;; docs/abi.md §2: Reference types are `funcref` and `externref` only.
(module
  (memory (export "memory") 1)
  (table 2 externref)
  (func (export "is_null") (result i32) (ref.is_null (table.get 0 (i32.const 1)))))
