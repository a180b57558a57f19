;; A command may not import a tag.
;; docs/wasi-protocol.md §1: Any other import is refused by its name (`wasix_*`, `wasi_unstable`, `napi*`, `env.*`, `spacedrive`, …), and so is any memory, table, global or tag.
(module
  (import "env" "trouble" (tag))
  (memory (export "memory") 1)
  (func (export "_start")))
