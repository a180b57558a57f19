;; A broken rule in a start stays what it is.
;; docs/abi.md §10: a broken rule stays `GUEST_ABI_VIOLATION`
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "plugin_init") (call $log (i32.const 1) (i32.const -1) (i32.const 9))))
