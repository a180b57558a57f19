;; A checkpoint that the host cannot save answers 1.
;; docs/abi.md §3: **`job_checkpoint`** returns 0 once the state is durable, and 1 where it was refused or could not be saved
;; docs/abi.md §3: the job is not running, or the disk is full
(module
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "{\22n\22:1}")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (if (i32.ne (i32.const 1) (call $checkpoint (i32.const 16) (i32.const 100) (i32.const 7))) (then (return (i32.const 9))))
    (i32.const 2)))
