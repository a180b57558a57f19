;; What a guest logged before it trapped reaches the host.
;; docs/abi.md §3: What was logged before an end, whichever it is, is not lost.
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "about to fall")
  (func (export "run")
    (call $log (i32.const 3) (i32.const 100) (i32.const 13))
    unreachable))
