;; A table can grow to the limit, and growth past it answers -1.
;; docs/abi.md §2: Tables are given maxima within their limit in the same way.
;; docs/abi.md §9: `MODULE_INVALID`; growth answers −1
(module
  (memory (export "memory") 1)
  (table $t 10 funcref)
  (func (export "to_the_limit") (result i32) (table.grow $t (ref.null func) (i32.const 90)))
  (func (export "past_it") (result i32) (table.grow $t (ref.null func) (i32.const 1))))
