;; A guest may fill and copy memory in bulk.
;; docs/abi.md §2: Exceptions, SIMD and bulk memory are fine.
(module
  (memory (export "memory") 1)
  (func (export "copied") (result i32)
    (memory.fill (i32.const 100) (i32.const 9) (i32.const 8))
    (memory.copy (i32.const 200) (i32.const 100) (i32.const 8))
    (i32.load8_u (i32.const 207))))
