;; An event with the number that was named does not wake the job.
;; docs/abi.md §6: | `"event": { "name": "imported", "after": 3 }` | when there is an event of this name with a number above 3 |
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 40) "{\22n\22:1}")
  (data (i32.const 1024) "action:jobs.emit_event.input.v1")
  (data (i32.const 1088) "{\22name\22:\22imported\22}")
  (data (i32.const 1280) "action:jobs.wake_when.input.v1")
  (data (i32.const 1344) "{\22event\22:{\22name\22:\22imported\22,\22after\22:1}}")

  (global $top (mut i32) (i32.const 65536))
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $size))))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (data (i32.const 0) "workexecute_work")
  (func (export "plugin_init") (result i32)
    (call $register (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 12) (i32.const 1)))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32)
    (if (local.get $state_length)
      (then
        (call $complete (i32.const 16) (local.get $state) (local.get $state_length))
        (return (i32.const 0))))
    (drop (call $call (i32.const 1024) (i32.const 31) (i32.const 0) (i32.const 1088) (i32.const 19)))
    (drop (call $call (i32.const 1280) (i32.const 30) (i32.const 0) (i32.const 1344) (i32.const 39)))
    (drop (call $checkpoint (i32.const 16) (i32.const 40) (i32.const 7)))
    (i32.const 3)))
