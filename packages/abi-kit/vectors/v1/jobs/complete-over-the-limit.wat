;; A result of one byte more ends the instance with REPLY_TOO_LARGE.
;; docs/abi.md §9: | `maxReplyBytes`, out of them | 64 MiB | to the guest: `REPLY_TOO_LARGE`; from the guest: `REPLY_TOO_LARGE`, and its instance ends |
(module
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "\22xxxxxxxx\22\22xxxxxxxxx\22")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (call $complete (i32.const 16) (i32.const 110) (i32.const 11))
    (i32.const 0)))
