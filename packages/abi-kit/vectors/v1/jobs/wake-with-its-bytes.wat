;; A job that is woken is given the state that it checkpointed, byte for byte.
;; docs/abi.md §3: State is kept byte for byte.
;; docs/abi.md §6: it is called again with that state once one of the things that it named has come
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "action:jobs.wake_when.input.v1")
  (data (i32.const 140) "{\22after_ms\22:1}")
  (data (i32.const 170) "{ \22n\22 : 1.0,\09\22\e2\82\ac\22 : [ ] }")

  (global $top (mut i32) (i32.const 4096))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (if (local.get $state_length) (then (return (call $differs (local.get $state) (local.get $state_length)))))
    (drop (call $call (i32.const 100) (i32.const 30) (i32.const 0) (i32.const 140) (i32.const 14)))
    (drop (call $checkpoint (i32.const 16) (i32.const 170) (i32.const 26)))
    (i32.const 3))
  ;; 0 where the bytes are those of the checkpoint, else 2
  (func $differs (param $state i32) (param $length i32) (result i32) (local $at i32)
    (if (i32.ne (local.get $length) (i32.const 26)) (then (return (i32.const 2))))
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (local.get $state) (local.get $at))) (i32.load8_u (i32.add (i32.const 170) (local.get $at)))) (then (return (i32.const 2))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 26))))
    (i32.const 0)))
