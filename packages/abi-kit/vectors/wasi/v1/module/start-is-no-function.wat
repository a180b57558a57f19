;; _start is a function.
;; docs/wasi-protocol.md §1: It exports `_start`, `() -> ()`, and its one memory as `memory`, and has no start function.
(module
  (memory (export "memory") 1)
  (global (export "_start") i32 (i32.const 0)))
