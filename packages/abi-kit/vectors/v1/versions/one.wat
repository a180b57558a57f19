;; A module that says version 1 is started.
;; docs/abi.md §8: This host knows version 1
(module
  (memory (export "memory") 1)
  (func (export "spacedrive_abi_version") (result i32) (i32.const 1)))
