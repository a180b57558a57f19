;; A start function is refused: everything happens in _start.
;; docs/wasi-protocol.md §1: It exports `_start`, `() -> ()`, and its one memory as `memory`, and has no start function.
(module
  (memory (export "memory") 1)
  (func (export "_start"))
  (func $first)
  (start $first))
