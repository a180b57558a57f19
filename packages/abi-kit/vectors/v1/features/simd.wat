;; A guest may use SIMD.
;; docs/abi.md §2: Exceptions, SIMD and bulk memory are fine.
(module
  (memory (export "memory") 1)
  (func (export "lane") (result i32)
    (i32x4.extract_lane 2 (i32x4.add (v128.const i32x4 1 2 3 4) (v128.const i32x4 10 20 30 40)))))
