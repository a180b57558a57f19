;; A line over its limit is cut and says so.
;; docs/abi.md §3: A line over its limit is cut and says so.
;; docs/abi.md §9: | `maxLogLineBytes`; a warning, a reason | 8 KiB | cut |
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "say")
    (memory.fill (i32.const 100) (i32.const 0x61) (i32.const 60000))
    (call $log (i32.const 1) (i32.const 100) (i32.const 60000))))
