;; An import of spacedrive that is no function is refused.
;; docs/abi.md §2: **imports** that are functions
(module
  (import "spacedrive" "spacedrive_log" (global i32))
  (memory (export "memory") 1))
