;; A refused operation answers 1, and the guest may live with it.
;; docs/abi.md §10: registers after `plugin_init`, or what the manifest does not bear out
;; docs/abi.md §3: Scope and schemas come from `operations` in the manifest. Returns 0, or 1 where it was refused.
(module
  (import "spacedrive" "register_operation" (func $register_operation (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "summary.v1")
  (data (i32.const 120) "query_summary_v1")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (global $answer (mut i32) (i32.const 9))
  (func (export "plugin_init") (global.set $answer (call $register_operation (i32.const 0) (i32.const 100) (i32.const 10) (i32.const 120) (i32.const 16))))
  (func (export "answer") (result i32) (global.get $answer))
  (func (export "query_summary_v1") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32) (i32.const 0)))
