;; What the manifest declares may be registered, and again.
;; docs/abi.md §3: Repeating a registration that is equal returns 0.
(module
  (import "spacedrive" "register_job" (func $register_job (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "count")
  (data (i32.const 110) "work")
  (data (i32.const 120) "other")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "plugin_init") (result i32)
    (drop (call $register_job (i32.const 100) (i32.const 5) (i32.const 110) (i32.const 4) (i32.const 1)))
    (call $register_job (i32.const 100) (i32.const 5) (i32.const 110) (i32.const 4) (i32.const 1)))
  (func (export "work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0))
  (func (export "other") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0)))
