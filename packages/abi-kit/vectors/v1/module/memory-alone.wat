;; A guest that exports nothing but its memory can be loaded.
;; docs/abi.md §2: A guest that exports only its memory can be loaded.
;; docs/abi.md §2: | `memory` | memory | needed |
(module
  (memory (export "memory") 1))
