;; What a guest logged before it was ended at its limit reaches the host.
;; docs/abi.md §3: What was logged before an end, whichever it is, is not lost.
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "about to loop")
  (func (export "run")
    (call $log (i32.const 1) (i32.const 100) (i32.const 13))
    (loop $again (br $again))))
