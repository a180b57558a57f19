;; A function that keeps few values at its branches is taken.
;; docs/abi.md §2: with 500,000 values kept at its branches
;; docs/abi.md §9: | `maxBranchValues`, of a function body: locals and operands at its branches | 500,000 | `MODULE_INVALID` |
(module
  (memory (export "memory") 1)
  (func (export "run") (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (block (br 0))))
