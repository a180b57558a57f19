;; An import from env is refused by module and name.
;; docs/abi.md §2: Nothing else may be imported: no WASI, no `env`.
;; docs/abi.md §2: whose message names the import, export or section
(module
  (import "env" "abort" (func (param i32 i32 i32 i32)))
  (memory (export "memory") 1))
