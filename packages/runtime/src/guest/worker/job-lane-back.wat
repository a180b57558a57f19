(module
  ;; The four host functions of a job's loop where nothing is out of the ordinary. Whatever is, goes the slow way, which
  ;; checks everything anew: a lane that is closed, another job's id, a range that is not in the memory, a long message,
  ;; a host that waits for a copy of the next report, an interrupt.
  (import "guest" "memory" (memory 0))
  ;; Memory 1: words and counters of channel-layout.ts, whose places stand below as byte offsets.
  (import "host" "memory" (memory 2 2 shared))
  (import "front" "table" (table 4 4 funcref))
  (import "slow" "interrupt" (func $slow_interrupt (param i32) (result i32)))
  (import "slow" "progress" (func $slow_progress (param i32 f32 i32 i32)))
  (import "slow" "bytes" (func $slow_bytes (param i32 i64)))
  (import "slow" "items" (func $slow_items (param i32 i64)))

  (elem (i32.const 0) $interrupt $progress $bytes $items)

  (func $has (param $pointer i32) (param $length i32) (result i32)
    (i64.le_u
      (i64.add (i64.extend_i32_u (local.get $pointer)) (i64.extend_i32_u (local.get $length)))
      (i64.shl (i64.extend_i32_u (memory.size 0)) (i64.const 16))))

  ;; True where the lane is open and the id is that of the job that runs here; it is then a sign of life.
  (func $enter (param $job i32) (result i32)
    ;; LANE_OPEN
    (if (i32.eqz (i32.load 1 offset=144 (i32.const 0))) (then (return (i32.const 0))))
    (if (i32.eqz (call $has (local.get $job) (i32.const 16))) (then (return (i32.const 0))))
    ;; LANE_JOB
    (if (i64.ne (i64.load 0 align=1 (local.get $job)) (i64.load 1 offset=160 (i32.const 0))) (then (return (i32.const 0))))
    (if (i64.ne (i64.load 0 offset=8 align=1 (local.get $job)) (i64.load 1 offset=168 (i32.const 0)))
      (then (return (i32.const 0))))
    (i32.const 1))

  ;; HEARTBEAT
  (func $beat
    (i32.store 1 offset=88 (i32.const 0) (i32.add (i32.load 1 offset=88 (i32.const 0)) (i32.const 1))))

  (func $interrupt (param $job i32) (result i32)
    ;; INTERRUPT
    (if (i32.and (call $enter (local.get $job)) (i32.eqz (i32.atomic.load 1 offset=80 (i32.const 0))))
      (then (call $beat) (return (i32.const 0))))
    (call $slow_interrupt (local.get $job)))

  ;; Copies at most 64 bytes to PROGRESS_OFFSET: by eights, whose last may lie over the one before it.
  (func $copy (param $from i32) (param $length i32)
    (local $at i32) (local $last i32)
    (if (i32.ge_u (local.get $length) (i32.const 8))
      (then
        (local.set $last (i32.sub (local.get $length) (i32.const 8)))
        (loop $eights
          (i64.store 1 offset=512 align=1 (local.get $at) (i64.load 0 align=1 (i32.add (local.get $from) (local.get $at))))
          (br_if $eights
            (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $last))))
        (i64.store 1 offset=512 align=1 (local.get $last)
          (i64.load 0 align=1 (i32.add (local.get $from) (local.get $last))))
        (return)))
    (if (i32.ge_u (local.get $length) (i32.const 4))
      (then
        (local.set $last (i32.sub (local.get $length) (i32.const 4)))
        (i32.store 1 offset=512 (i32.const 0) (i32.load 0 align=1 (local.get $from)))
        (i32.store 1 offset=512 align=1 (local.get $last)
          (i32.load 0 align=1 (i32.add (local.get $from) (local.get $last))))
        (return)))
    (block $copied
      (loop $bytes
        (br_if $copied (i32.ge_u (local.get $at) (local.get $length)))
        (i32.store8 1 offset=512 (local.get $at) (i32.load8_u 0 (i32.add (local.get $from) (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $bytes))))

  (func $progress (param $job i32) (param $fraction f32) (param $message i32) (param $length i32)
    (local $count i32)
    (block $slow
      (br_if $slow (i32.eqz (call $enter (local.get $job))))
      (br_if $slow (i32.gt_u (local.get $length) (i32.const 64)))
      (br_if $slow (i32.eqz (call $has (local.get $message) (local.get $length))))
      ;; PROGRESS_WANTED
      (br_if $slow (i32.atomic.load 1 offset=108 (i32.const 0)))
      (call $beat)
      ;; PROGRESS_BEGUN, PROGRESS_FRACTION, the message at PROGRESS_OFFSET, PROGRESS_LENGTH, PROGRESS_WRITTEN
      (local.set $count (i32.add (i32.load 1 offset=92 (i32.const 0)) (i32.const 1)))
      (i32.store 1 offset=92 (i32.const 0) (local.get $count))
      (f32.store 1 offset=104 (i32.const 0) (local.get $fraction))
      (call $copy (local.get $message) (local.get $length))
      (i32.store 1 offset=100 (i32.const 0) (local.get $length))
      (i32.store 1 offset=96 (i32.const 0) (local.get $count))
      (return))
    (call $slow_progress (local.get $job) (local.get $fraction) (local.get $message) (local.get $length)))

  ;; As GuestLink counts: exact up to 2^53 - 1, and no further.
  (func $add (param $counter i32) (param $count i64)
    (f64.store 1 (local.get $counter)
      (f64.min (f64.const 9007199254740991)
        (f64.add (f64.load 1 (local.get $counter)) (f64.convert_i64_u (local.get $count))))))

  (func $bytes (param $job i32) (param $count i64)
    (if (call $enter (local.get $job))
      (then (call $beat) (call $add (i32.const 256) (local.get $count)))
      (else (call $slow_bytes (local.get $job) (local.get $count)))))

  (func $items (param $job i32) (param $count i64)
    (if (call $enter (local.get $job))
      (then (call $beat) (call $add (i32.const 264) (local.get $count)))
      (else (call $slow_items (local.get $job) (local.get $count)))))
)
