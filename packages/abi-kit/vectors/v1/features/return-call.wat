;; A tail call is refused: return_call.
;; docs/abi.md §2: **no tail calls** (`return_call` and its kin)
(module
  (memory (export "memory") 1)
  (func $next)
  (func (export "run") (return_call $next)))
