;; plugin_cleanup is called before an unload.
;; docs/abi.md §2: | `plugin_cleanup` | `() -> i32` or `()` | optional: called before an unload, with a deadline |
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "bye")
  (func (export "plugin_cleanup")
    (call $log (i32.const 1) (i32.const 16) (i32.const 3))))
