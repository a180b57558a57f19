;; Two tables grow to the limit together, and not each.
;; docs/abi.md §9: | `maxTableEntries`, all tables | 100,000 | `MODULE_INVALID`; growth answers −1 |
;; docs/abi.md §2: Tables are given maxima within their limit in the same way.
(module
  (memory (export "memory") 1)
  (table $one 4 funcref)
  (table $two 4 funcref)

  ;; 1 where both have 20 entries at most
  (func (export "grown") (result i32)
    (drop (table.grow $one (ref.null func) (i32.const 12)))
    (drop (table.grow $two (ref.null func) (i32.const 12)))
    (i32.le_u (i32.add (table.size $one) (table.size $two)) (i32.const 20))))
