;; A plugin_init that returns non-zero fails the start, with the last error that was logged.
;; docs/abi.md §10: returns non-zero from `plugin_init`
;; docs/abi.md §10: `INIT_FAILED` with the last line that it logged as an error
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "no key was given")
  (func (export "plugin_init") (result i32)
    (call $log (i32.const 3) (i32.const 100) (i32.const 16))
    (i32.const 3)))
