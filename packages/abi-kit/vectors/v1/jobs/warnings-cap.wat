;; Of a thousand warnings 200 are kept, and one more says that there were others.
;; docs/abi.md §3: 200 are kept with a job, and one more says that there were others.
(module
  (import "spacedrive" "job_add_warning" (func $warning (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 40) "odd")

  (global $top (mut i32) (i32.const 65536))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (data (i32.const 0) "workexecute_work")
  (func (export "plugin_init") (result i32)
    (call $register (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 12) (i32.const 1)))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (local $i i32)
    (loop $again
      (call $warning (i32.const 16) (i32.const 40) (i32.const 3))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    (i32.const 0)))
