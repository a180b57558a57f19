;; A message that ends one byte past the memory ends the instance also after a thousand good ones.
;; docs/abi.md §10: passes a range that is not within its memory, to any host function
;; docs/abi.md §3: | `job_report_progress` |
(module
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "{}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (local $count i32)
    (loop $again
      (call $progress (i32.const 16) (f32.const 0.5) (i32.const 100) (i32.const 2))
      (br_if $again (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 1000))))
    (call $progress (i32.const 16) (f32.const 0.5) (i32.const 65535) (i32.const 2))
    (i32.const 0)))
