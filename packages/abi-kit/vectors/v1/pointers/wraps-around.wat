;; A range that would wrap around the address space ends the instance.
;; docs/abi.md §10: passes a range that is not within its memory, to any host function
;; docs/abi.md §1: `i32` operands read as unsigned 32-bit byte offsets and byte counts
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "say") (call $log (i32.const 1) (i32.const -2) (i32.const 4))))
