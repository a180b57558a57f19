;; A host function that is called in the start function ends the instance.
;; docs/abi.md §2: In a start function no host function may be called
;; docs/abi.md §10: calls a host function but `spacedrive_log` within `wasm_alloc` or `wasm_free`, or any in its start function
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func $first (call $log (i32.const 1) (i32.const 0) (i32.const 0)))
  (start $first))
