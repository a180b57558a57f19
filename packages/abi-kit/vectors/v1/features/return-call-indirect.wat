;; A tail call is refused: return_call_indirect.
;; docs/abi.md §2: **no tail calls** (`return_call` and its kin)
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (func (export "run") (return_call_indirect (i32.const 0))))
