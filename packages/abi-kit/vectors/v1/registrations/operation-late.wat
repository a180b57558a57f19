;; After plugin_init register_operation answers 1.
;; docs/abi.md §3: After `plugin_init` both register functions return 1.
;; docs/abi.md §10: registers after `plugin_init`, or what the manifest does not bear out
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

  (func (export "late") (result i32) (call $register_operation (i32.const 0) (i32.const 100) (i32.const 10) (i32.const 120) (i32.const 16)))
  (func (export "query_summary_v1") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32) (i32.const 0)))
