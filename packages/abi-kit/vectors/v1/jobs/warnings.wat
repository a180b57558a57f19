;; job_add_warning records each issue, in order.
;; docs/abi.md §3: **`job_add_warning`** records an issue that is not fatal and stays with the job.
(module
  (import "spacedrive" "job_add_warning" (func $warning (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "onetwo")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (call $warning (i32.const 16) (i32.const 100) (i32.const 3))
    (call $warning (i32.const 16) (i32.const 103) (i32.const 3))
    (i32.const 0)))
