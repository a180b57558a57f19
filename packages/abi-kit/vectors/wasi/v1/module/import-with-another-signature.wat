;; An import of preview1 with another signature is refused by its name.
;; docs/wasi-protocol.md §1: Imports are functions of `wasi_snapshot_preview1`, with the signatures of WASI preview1.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i64) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
