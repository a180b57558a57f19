;; A module that is a command and a reactor is refused.
;; docs/wasi-protocol.md §1: It is no reactor: an export `_initialize` is refused.
(module
  (memory (export "memory") 1)
  (func (export "_start"))
  (func (export "_initialize")))
