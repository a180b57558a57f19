;; A loop over one large memory.fill is ended, too.
;; docs/abi.md §10: | does not come back in time | `TIMEOUT`
(module
  (memory (export "memory") 256)
  (func (export "run")
    (loop $again
      (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216))
      (br $again))))
