;; A plugin_init without a result is a success.
;; docs/abi.md §2: `() -> i32` or `()` | optional: registrations; 0 is success
(module
  (memory (export "memory") 1)
  (func (export "plugin_init")))
