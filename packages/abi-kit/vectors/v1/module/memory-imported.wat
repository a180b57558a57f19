;; A module that imports its memory is refused.
;; docs/abi.md §2: No imported memory.
(module
  (import "spacedrive" "memory" (memory 1))
  (export "memory" (memory 0)))
