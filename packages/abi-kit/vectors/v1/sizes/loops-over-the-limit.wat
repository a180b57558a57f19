;; A function of one loop more is refused.
;; docs/abi.md §2: each with 1,000 loops at most
;; docs/abi.md §9: | `maxLoops`, of a function body | 1,000 | `MODULE_INVALID` |
(module
  (memory (export "memory") 1)
  (func (export "run")
    (loop)
    (loop)
    (loop)
    (loop)))
