(module
  ;; The neighbour that asks for all it can get: calls, log lines, progress and checkpoints, until it is told to stop.
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (import "spacedrive" "register_job" (func $register_job (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (import "spacedrive" "job_check_interrupt" (func $interrupted (param i32) (result i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))

  (memory (export "memory") 1)

  (data (i32.const 16) "flood")
  (data (i32.const 32) "execute_flood")
  (data (i32.const 64) "query:bench.mark.v1")
  (data (i32.const 96) "{}")
  (data (i32.const 112) "{\"job_id\":\"")
  ;; 400: 16 bytes of the job's id. 1024: a log line of 1000 bytes. 2048: {"n":00000000}
  (data (i32.const 2048) "{\"n\":10000000}")
  (global $top (mut i32) (i32.const 4096))

  ;; A block lives no longer than until the next one but some: the host's are read by nobody.
  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (local $at i32)
    (if (i32.gt_u (i32.add (global.get $top) (local.get $size)) (i32.const 65528)) (then (global.set $top (i32.const 4096))))
    (local.set $at (global.get $top))
    (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (local.get $at))
  (func (export "wasm_free") (param i32 i32))

  (func (export "plugin_init") (result i32)
    (memory.fill (i32.const 1024) (i32.const 97) (i32.const 1000))
    (call $register_job (i32.const 16) (i32.const 5) (i32.const 32) (i32.const 13) (i32.const 1)))

  (func $hex (param $character i32) (result i32)
    (if (result i32) (i32.ge_u (local.get $character) (i32.const 97))
      (then (i32.sub (local.get $character) (i32.const 87)))
      (else (i32.sub (local.get $character) (i32.const 48)))))

  ;; The job's id stands first in the context, which is {"job_id":"<uuid>", …}.
  (func $read_id (param $at i32)
    (local $written i32)
    (local.set $at (i32.add (local.get $at) (i32.const 11)))
    (loop $byte
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 45))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
      (i32.store8 offset=400 (local.get $written)
        (i32.or
          (i32.shl (call $hex (i32.load8_u (local.get $at))) (i32.const 4))
          (call $hex (i32.load8_u offset=1 (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (local.set $written (i32.add (local.get $written) (i32.const 1)))
      (br_if $byte (i32.lt_u (local.get $written) (i32.const 16)))))

  (func (export "execute_flood") (param $ctx i32) (param $ctx_len i32) (param $state i32) (param $state_len i32) (result i32)
    (local $done i32)
    (call $read_id (local.get $ctx))
    (loop $next
      (drop (call $call (i32.const 64) (i32.const 19) (i32.const 0) (i32.const 96) (i32.const 2)))
      (call $log (i32.const 1) (i32.const 1024) (i32.const 1000))
      (call $log (i32.const 1) (i32.const 1024) (i32.const 1000))
      (call $progress (i32.const 400) (f32.const 0.5) (i32.const 1024) (i32.const 1000))
      ;; A state that differs from the last.
      (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (i32.store8 (i32.const 2053) (i32.add (i32.const 49) (i32.rem_u (local.get $done) (i32.const 9))))
      (drop (call $checkpoint (i32.const 400) (i32.const 2048) (i32.const 14)))
      (br_if $next (i32.eqz (call $interrupted (i32.const 400)))))
    (i32.const 1))
)
