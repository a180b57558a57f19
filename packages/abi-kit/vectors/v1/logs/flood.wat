;; A guest that logs more than its limit loses lines, and the host says how many.
;; docs/abi.md §3: a guest that logs more than its limit loses lines, which are counted, and the count is logged
;; docs/abi.md §9: | `maxLogBytesPerSecond`, with 32 for each line | 1 MiB | dropped, counted, said |
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "said by the guest")
  (func (export "flood") (local $i i32)
    (loop $again
      (call $log (i32.const 1) (i32.const 100) (i32.const 17))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 5000))))))
