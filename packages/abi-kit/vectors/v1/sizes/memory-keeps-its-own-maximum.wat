;; A maximum of the module that is below the cap stays.
;; docs/abi.md §2: gives the memory the cap as its maximum, or leaves a smaller one
(module
  (memory (export "memory") 1 2)
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))
