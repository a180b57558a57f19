;; spacedrive_log writes a line at the level that it is given.
;; docs/abi.md §3: **`spacedrive_log`** writes a line.
;; docs/abi.md §3: Levels: 0 debug, 1 info, 2 warn, 3 error; any other counts as info.
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "said by the guest")
  (func (export "say")
    (call $log (i32.const 0) (i32.const 100) (i32.const 17))
    (call $log (i32.const 1) (i32.const 100) (i32.const 17))
    (call $log (i32.const 2) (i32.const 100) (i32.const 17))
    (call $log (i32.const 3) (i32.const 100) (i32.const 17))))
