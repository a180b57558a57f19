;; A command may not import its memory.
;; docs/wasi-protocol.md §1: Any other import is refused by its name (`wasix_*`, `wasi_unstable`, `napi*`, `env.*`, `spacedrive`, …), and so is any memory, table, global or tag.
(module
  (import "env" "memory" (memory 1))
  (export "memory" (memory 0))
  (func (export "_start")))
