;; A job that names a thousand children is called again when these have ended.
;; docs/abi.md §6: | `"children": "ended"`, `"children": ["<uuid>", …]` | when all its children have ended, or these, at most 1,000 |
;; docs/abi.md §6: it is called again with that state once one of the things that it named has come
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 40) "{\22n\22:1}")
  (data (i32.const 60) "childexecute_child")
  (data (i32.const 100) "action:jobs.wake_when.input.v1")
  (data (i32.const 140) "action:jobs.spawn_many.input.v1")
  (data (i32.const 180) "{\22job_type\22:\22child\22,\22params\22:[{}]}")
  (data (i32.const 8192) "{\22children\22:[")

  (global $top (mut i32) (i32.const 65536))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (data (i32.const 0) "workexecute_work")
  (func (export "plugin_init") (result i32)
    (i32.or
      (call $register (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 12) (i32.const 1))
      (call $register (i32.const 60) (i32.const 5) (i32.const 65) (i32.const 13) (i32.const 1))))

  (func (export "execute_child") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (i32.const 0))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (local $id i32) (local $end i32) (local $count i32)
    (if (local.get $state_length)
      (then
        (call $complete (i32.const 16) (local.get $state) (local.get $state_length))
        (return (i32.const 0))))
    ;; The child's id, with its quotes, stands after the bracket in the answer.
    (local.set $id (call $call (i32.const 140) (i32.const 31) (i32.const 0) (i32.const 180) (i32.const 34)))
    (loop $look
      (local.set $id (i32.add (local.get $id) (i32.const 1)))
      (br_if $look (i32.ne (i32.load8_u (i32.sub (local.get $id) (i32.const 1))) (i32.const 0x5b))))
    (local.set $end (i32.const 8205))
    (loop $again
      (memory.copy (local.get $end) (local.get $id) (i32.const 38))
      (i32.store8 (i32.add (local.get $end) (i32.const 38)) (i32.const 0x2c))
      (local.set $end (i32.add (local.get $end) (i32.const 39)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $count) (i32.const 1000))))
    ;; In place of the last comma.
    (i32.store16 (i32.sub (local.get $end) (i32.const 1)) (i32.const 0x7d5d))
    (drop (call $call (i32.const 100) (i32.const 30) (i32.const 0) (i32.const 8192) (i32.sub (local.get $end) (i32.const 8191))))
    (drop (call $checkpoint (i32.const 16) (i32.const 40) (i32.const 7)))
    (i32.const 3)))
