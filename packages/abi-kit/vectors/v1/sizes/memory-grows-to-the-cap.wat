;; A memory can grow to the cap, and growth past it answers -1.
;; docs/abi.md §2: `memory.grow` past it answers −1
;; docs/abi.md §9: | `maxMemoryBytes` | 256 MiB
(module
  (memory (export "memory") 1)
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))
