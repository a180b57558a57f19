;; A module that says version 2 is refused, and the message names those that the host knows.
;; docs/abi.md §8: refuses others with `ABI_UNSUPPORTED`, naming those that it knows
(module
  (memory (export "memory") 1)
  (func (export "spacedrive_abi_version") (result i32) (i32.const 2)))
