;; The limit is of all tables together.
;; docs/abi.md §2: **tables** of 100,000 entries at most, all together
(module
  (memory (export "memory") 1)
  (table 60000 funcref)
  (table 60000 externref))
