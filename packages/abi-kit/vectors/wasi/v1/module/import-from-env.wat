;; An import of a function from env is refused by its name.
;; docs/wasi-protocol.md §1: Any other import is refused by its name (`wasix_*`, `wasi_unstable`, `napi*`, `env.*`, `spacedrive`, …), and so is any memory, table, global or tag.
(module
  (import "env" "abort" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
