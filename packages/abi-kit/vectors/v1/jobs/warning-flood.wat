;; A flood of warnings waits for the host, and none is lost on its way: a host hears at least of the last.
;; docs/abi.md §3: A flood of them waits for the host, and none is lost on its way
(module
  (import "spacedrive" "job_add_warning" (func $warning (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "onelast")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (local $i i32)
    (loop $again
      (call $warning (i32.const 16) (i32.const 100) (i32.const 3))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 3000))))
    (call $warning (i32.const 16) (i32.const 103) (i32.const 4))
    (i32.const 0)))
