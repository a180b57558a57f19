;; An imported table is refused.
;; docs/abi.md §2: **imports** that are functions
(module
  (import "spacedrive" "table" (table 1 funcref))
  (memory (export "memory") 1))
