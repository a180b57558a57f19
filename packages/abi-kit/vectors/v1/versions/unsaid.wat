;; A module that says no version speaks version 1.
;; docs/abi.md §8: one without it speaks version 1
(module
  (memory (export "memory") 1)
  (func (export "plugin_init") (result i32) (i32.const 0)))
