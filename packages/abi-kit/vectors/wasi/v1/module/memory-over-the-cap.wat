;; A memory that begins over the cap is refused.
;; docs/wasi-protocol.md §1: The memory is capped before it is compiled.
(module
  (memory (export "memory") 3)
  (func (export "_start")))
