;; A range that ends where the memory ends is within it.
;; docs/abi.md §10: passes a range that is not within its memory, to any host function
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 65532) "last")
  (func (export "say") (call $log (i32.const 1) (i32.const 65532) (i32.const 4))))
