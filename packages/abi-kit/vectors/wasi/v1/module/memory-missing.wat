;; A command has a memory.
;; docs/wasi-protocol.md §1: It exports `_start`, `() -> ()`, and its one memory as `memory`, and has no start function.
(module
  (func (export "_start")))
