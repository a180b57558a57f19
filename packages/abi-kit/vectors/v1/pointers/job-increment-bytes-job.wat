;; A job that ends one byte past the memory ends the instance: job_increment_bytes.
;; docs/abi.md §10: passes a range that is not within its memory, to any host function
;; docs/abi.md §3: | `job_increment_bytes` |
(module
  (import "spacedrive" "job_increment_bytes" (func $bytes (param i32 i64)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "{}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (call $bytes (i32.const 65521) (i64.const 1))
    (i32.const 0)))
