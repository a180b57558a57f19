;; A guest that catches what a host function throws is served nothing more, and has ended.
;; docs/abi.md §10: nothing that it calls afterwards is served, also where it catches what a host function throws
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "still here")
  (func (export "run")
    (try (do (call $log (i32.const 1) (i32.const -1) (i32.const 5))) (catch_all))
    (call $log (i32.const 1) (i32.const 100) (i32.const 10))))
