;; An answer with the code CANCELLED is no interrupt where the job is neither to pause nor to end.
;; docs/abi.md §6: An answer with the code `CANCELLED` counts as an interrupt that was seen, where the job is to pause or end.
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "query:test.echo.v1")
  (data (i32.const 128) "{}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (drop (call $call (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 128) (i32.const 2)))
    (i32.const 1)))
