;; A type of 16 results is taken.
;; docs/abi.md §2: **function types** of 128 parameters and 16 results at most.
(module
  (memory (export "memory") 1)
  (type (func (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32))))
