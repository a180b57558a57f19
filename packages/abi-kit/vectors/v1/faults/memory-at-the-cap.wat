;; A trap with the memory grown to the cap is a lack of memory.
;; docs/abi.md §10: the same with its memory grown to the cap
;; docs/abi.md §9: | `maxMemoryBytes` | 256 MiB
(module
  (memory (export "memory") 1)
  (func (export "run")
    (loop $again (br_if $again (i32.ne (i32.const -1) (memory.grow (i32.const 1)))))
    unreachable))
