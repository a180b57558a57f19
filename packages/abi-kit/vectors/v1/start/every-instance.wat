;; Every instance starts so: plugin_init runs in the second one, too.
;; docs/abi.md §2: Every instance starts so, and an extension has many
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "ready")
  (func (export "plugin_init") (call $log (i32.const 1) (i32.const 100) (i32.const 5))))
