;; Bytes that are no UTF-8 are replaced.
;; docs/abi.md §3: Invalid UTF-8 is replaced.
;; docs/abi.md §10: | logs invalid UTF-8 | replaced |
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "half \ff way")
  (func (export "say") (call $log (i32.const 1) (i32.const 100) (i32.const 10))))
