;; An import from WASI is refused by module and name.
;; docs/abi.md §2: Nothing else may be imported: no WASI, no `env`.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1))
