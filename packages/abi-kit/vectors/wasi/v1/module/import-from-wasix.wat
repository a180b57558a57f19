;; An import of a function from wasix_32v1 is refused by its name.
;; docs/wasi-protocol.md §1: Any other import is refused by its name (`wasix_*`, `wasi_unstable`, `napi*`, `env.*`, `spacedrive`, …), and so is any memory, table, global or tag.
(module
  (import "wasix_32v1" "proc_fork" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
