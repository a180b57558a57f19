;; A command may not import a global, also not from preview1's module.
;; docs/wasi-protocol.md §1: Any other import is refused by its name (`wasix_*`, `wasi_unstable`, `napi*`, `env.*`, `spacedrive`, …), and so is any memory, table, global or tag.
(module
  (import "wasi_snapshot_preview1" "zone" (global i32))
  (memory (export "memory") 1)
  (func (export "_start")))
