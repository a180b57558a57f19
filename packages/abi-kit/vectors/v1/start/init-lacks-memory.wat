;; A lack of memory in a start stays what it is.
;; docs/abi.md §10: a lack of memory `GUEST_MEMORY_LIMIT`
(module
  (memory (export "memory") 1)
  (func (export "plugin_init")
    (loop $again (br_if $again (i32.ne (i32.const -1) (memory.grow (i32.const 1)))))
    unreachable))
