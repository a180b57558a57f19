;; A guest may throw, and catch what it has thrown.
;; docs/abi.md §2: Exceptions, SIMD and bulk memory are fine.
(module
  (memory (export "memory") 1)
  (tag $oops (param i32))
  (func (export "caught") (result i32)
    (try (result i32) (do (throw $oops (i32.const 5))) (catch $oops))))
