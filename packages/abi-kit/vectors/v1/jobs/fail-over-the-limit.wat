;; A reason over its limit is cut.
;; docs/abi.md §9: | `maxLogLineBytes`; a warning, a reason | 8 KiB | cut |
(module
  (import "spacedrive" "job_fail" (func $fail (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (memory.fill (i32.const 5000) (i32.const 0x61) (i32.const 20000))
    (call $fail (i32.const 16) (i32.const 5000) (i32.const 20000))
    (i32.const 2)))
