;; A result of exactly maxPayloadValues JSON values is taken.
;; docs/abi.md §9: | `maxPayloadValues`: JSON values, keys counted, of what a guest gives: a payload, its own answer or a result | 250,000 | `PAYLOAD_TOO_LARGE` to the guest; of an answer or a result `REPLY_TOO_LARGE` |
(module
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "[0,1,2,3]")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (call $complete (i32.const 16) (i32.const 100) (i32.const 9))
    (i32.const 0)))
