;; Tables over their limit are refused.
;; docs/wasi-protocol.md §1: Memory, tables, function bodies and their limits: abi.md §2.
(module
  (memory (export "memory") 1)
  (func (export "_start"))
  (table 1001 funcref))
