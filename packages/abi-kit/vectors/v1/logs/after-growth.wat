;; A range in memory that has just been grown is within it.
;; docs/abi.md §1: `i32` operands read as unsigned 32-bit byte offsets and byte counts in the guest's `memory`
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "say")
    (drop (memory.grow (i32.const 1)))
    (memory.fill (i32.const 131068) (i32.const 0x61) (i32.const 4))
    (call $log (i32.const 1) (i32.const 131068) (i32.const 4))))
