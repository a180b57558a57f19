;; A job of the manifest that is registered with another export is refused.
;; docs/abi.md §10: registers after `plugin_init`, or what the manifest does not bear out
;; docs/abi.md §10: after a refused registration `REGISTRATION_REFUSED`
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
    (call $register_job (i32.const 100) (i32.const 5) (i32.const 120) (i32.const 5) (i32.const 1)))
  (func (export "work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0))
  (func (export "other") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0)))
