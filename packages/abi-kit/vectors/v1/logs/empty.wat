;; A line of length 0 is empty wherever it points.
;; docs/abi.md §1: A range of length 0 is empty wherever it points: its pointer is not looked at.
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "say") (call $log (i32.const 1) (i32.const -1) (i32.const 0))))
