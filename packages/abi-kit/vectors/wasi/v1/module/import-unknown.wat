;; An import from wasi_snapshot_preview1 that preview1 does not have is refused by its name.
;; docs/wasi-protocol.md §1: Imports are functions of `wasi_snapshot_preview1`, with the signatures of WASI preview1.
(module
  (import "wasi_snapshot_preview1" "proc_fork" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
