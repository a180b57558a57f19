;; One entry more is refused.
;; docs/abi.md §2: **tables** of 100,000 entries at most, all together
;; docs/abi.md §9: | `maxTableEntries`, all tables | 100,000 |
(module
  (memory (export "memory") 1)
  (table 100001 funcref))
