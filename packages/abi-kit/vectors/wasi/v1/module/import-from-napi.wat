;; An import of a function from napi_v8 is refused by its name.
;; docs/wasi-protocol.md §1: Any other import is refused by its name (`wasix_*`, `wasi_unstable`, `napi*`, `env.*`, `spacedrive`, …), and so is any memory, table, global or tag.
(module
  (import "napi_v8" "napi_run_script" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
