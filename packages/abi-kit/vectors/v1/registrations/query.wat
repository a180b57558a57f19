;; register_operation with kind 0 announces a query, whose name carries its version.
;; docs/abi.md §3: **`register_operation`** announces an operation of the extension, in `plugin_init`: `kind` 0 query, 1 action
;; docs/abi.md §3: `name` carries its version (`summary.v1`)
;; docs/abi.md §2: | an operation, e.g. `query_summary_v1` |
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

  (func (export "plugin_init") (result i32)
    (call $register_operation (i32.const 0) (i32.const 100) (i32.const 10) (i32.const 120) (i32.const 16)))
  (func (export "query_summary_v1") (param $context i32) (param $context_length i32) (param $input i32) (param $input_length i32) (result i32) (i32.const 0)))
