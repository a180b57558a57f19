;; A guest that swallows a violation and returns as if nothing were has ended, too.
;; docs/abi.md §10: It is first marked dead
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32)
    (try (do (call $log (i32.const 1) (i32.const -1) (i32.const 5))) (catch_all))
    (i32.const 7)))
