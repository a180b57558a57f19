;; A state of one JSON value more is refused with 1.
;; docs/abi.md §9: | `maxStateValues`, of a checkpoint | 1,000,000 | 1, and the host's log says why |
(module
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "[0,1,2,3,4]")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (i32.sub (call $checkpoint (i32.const 16) (i32.const 100) (i32.const 11)) (i32.const 1))))
