;; A function that the module spacedrive does not have is refused by name.
;; docs/abi.md §2: functions of the module `spacedrive`, listed in §3
(module
  (import "spacedrive" "spacedrive_fly" (func))
  (memory (export "memory") 1))
