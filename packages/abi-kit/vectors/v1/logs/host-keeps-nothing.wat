;; What is passed to a host function is the guest's again once it has returned.
;; docs/abi.md §4: the guest; the host keeps nothing
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "said by the guest")
  (func (export "say")
    (call $log (i32.const 1) (i32.const 100) (i32.const 17))
    (memory.fill (i32.const 100) (i32.const 0x21) (i32.const 17))
    (call $log (i32.const 1) (i32.const 100) (i32.const 17))))
