;; A level that is none counts as info.
;; docs/abi.md §3: Levels: 0 debug, 1 info, 2 warn, 3 error; any other counts as info.
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "said by the guest")
  (func (export "say")
    (call $log (i32.const 4) (i32.const 100) (i32.const 17))
    (call $log (i32.const -1) (i32.const 100) (i32.const 17))))
