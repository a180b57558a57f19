;; _start answers nothing.
;; docs/wasi-protocol.md §1: It exports `_start`, `() -> ()`, and its one memory as `memory`, and has no start function.
(module
  (memory (export "memory") 1)
  (func (export "_start") (result i32) (i32.const 0)))
