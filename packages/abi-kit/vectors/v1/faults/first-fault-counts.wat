;; The first fault gives the code: a guest that swallows a violation and then traps has broken the ABI.
;; docs/abi.md §10: The first fault gives the code, whatever the guest does after it.
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "run")
    (try (do (call $log (i32.const 1) (i32.const -1) (i32.const 5))) (catch_all))
    unreachable))
