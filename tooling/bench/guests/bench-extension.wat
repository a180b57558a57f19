(module
  ;; The extension that the figures are measured with. Calls, jobs and state are in the loops; nothing else is.
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "register_operation" (func $register_operation (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "register_job" (func $register_job (param i32 i32 i32 i32 i32) (result i32)))
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (import "spacedrive" "job_check_interrupt" (func $interrupted (param i32) (result i32)))
  (import "spacedrive" "job_increment_items" (func $items (param i32 i64)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))

  ;; One page, as a compiler of guests would begin with: an instance that begins with 2 MiB costs 1.5 ms more.
  (memory (export "memory") 1 256)

  (data (i32.const 16) "ping_loop.v1")
  (data (i32.const 32) "query_ping_loop_v1")
  (data (i32.const 64) "echo.v1")
  (data (i32.const 80) "query_echo_v1")
  (data (i32.const 96) "report")
  (data (i32.const 112) "execute_report")
  (data (i32.const 128) "save")
  (data (i32.const 144) "execute_save")
  (data (i32.const 160) "start")
  (data (i32.const 176) "execute_start")
  (data (i32.const 192) "query:test.ping.v1")
  (data (i32.const 224) "query:bench.mark.v1")
  (data (i32.const 256) "{\"message\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"count\":1}")
  (data (i32.const 352) "{}")
  (data (i32.const 368) "working")
  (data (i32.const 384) "{\"data\":\"")
  (data (i32.const 448) "ping_large_loop.v1")
  (data (i32.const 480) "query_ping_large_loop_v1")
  (data (i32.const 512) "{\"message\":\"")
  (data (i32.const 528) "\",\"count\":1}")
  ;; 400: 16 bytes of the library's id. 416: 16 bytes of the job's id.
  ;; 1024: a state of 1024 bytes, of which the first and last are written by plugin_init.
  ;; 4096: the heap.

  ;; ---- memory: a stack of blocks, empty again whenever as many were freed as were given
  (global $top (mut i32) (i32.const 4096))
  (global $live (mut i32) (i32.const 0))

  (func $alloc (export "wasm_alloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.and (i32.add (i32.add (global.get $top) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (if (i32.gt_u (global.get $top) (i32.const 2097152)) (then (unreachable)))
    (if (i32.gt_u (global.get $top) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if (i32.lt_s
              (memory.grow
                (i32.sub
                  (i32.add (i32.shr_u (global.get $top) (i32.const 16)) (i32.const 1))
                  (memory.size)))
              (i32.const 0))
          (then (unreachable)))))
    (global.set $live (i32.add (global.get $live) (i32.const 1)))
    (local.get $at))

  (func $free (export "wasm_free") (param $at i32) (param $size i32)
    (global.set $live (i32.sub (global.get $live) (i32.const 1)))
    (if (i32.eqz (global.get $live))
      (then (global.set $top (i32.const 4096)))
      (else
        (if (i32.eq (global.get $top)
              (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
          (then (global.set $top (local.get $at)))))))

  (func (export "plugin_init") (result i32)
    (memory.fill (i32.const 1024) (i32.const 97) (i32.const 1024))
    (memory.copy (i32.const 1024) (i32.const 384) (i32.const 9))
    (i32.store8 (i32.const 2046) (i32.const 34))
    (i32.store8 (i32.const 2047) (i32.const 125))
    (drop (call $register_operation (i32.const 0) (i32.const 16) (i32.const 12) (i32.const 32) (i32.const 18)))
    (drop (call $register_operation (i32.const 0) (i32.const 64) (i32.const 7) (i32.const 80) (i32.const 13)))
    (drop (call $register_operation (i32.const 0) (i32.const 448) (i32.const 18) (i32.const 480) (i32.const 24)))
    (drop (call $register_job (i32.const 96) (i32.const 6) (i32.const 112) (i32.const 14) (i32.const 1)))
    (drop (call $register_job (i32.const 128) (i32.const 4) (i32.const 144) (i32.const 12) (i32.const 1)))
    (drop (call $register_job (i32.const 160) (i32.const 5) (i32.const 176) (i32.const 13) (i32.const 1)))
    (i32.const 0))

  ;; ---- reading what the host hands over

  ;; The number that the digits of a text make: {"times":1000} is 1000.
  (func $number (param $at i32) (param $length i32) (result i32)
    (local $end i32) (local $digit i32) (local $value i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
          (if (i32.lt_u (local.get $digit) (i32.const 10))
            (then (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $digit)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $value))

  (func $hex (param $character i32) (result i32)
    (if (result i32) (i32.ge_u (local.get $character) (i32.const 97))
      (then (i32.sub (local.get $character) (i32.const 87)))
      (else (i32.sub (local.get $character) (i32.const 48)))))

  ;; Writes the 16 bytes of the UUID that follows the key <first letter>…_id" of a context.
  (func $read_id (param $at i32) (param $key i32) (param $to i32)
    (local $written i32)
    ;; Find the quoted key by its first letter.
    (block $found
      (loop $seek
        (br_if $found
          (i32.and
            (i32.eq (i32.load8_u (local.get $at)) (i32.const 34))
            (i32.eq (i32.load8_u offset=1 (local.get $at)) (local.get $key))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $seek)))
    ;; Behind the colon and the quote the text begins.
    (block $colon
      (loop $seek
        (br_if $colon (i32.eq (i32.load8_u (local.get $at)) (i32.const 58)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $seek)))
    (block $quote
      (loop $seek
        (br_if $quote (i32.eq (i32.load8_u (local.get $at)) (i32.const 34)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $seek)))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (loop $byte
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 45))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
      (i32.store8 (i32.add (local.get $to) (local.get $written))
        (i32.or
          (i32.shl (call $hex (i32.load8_u (local.get $at))) (i32.const 4))
          (call $hex (i32.load8_u offset=1 (local.get $at)))))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (local.set $written (i32.add (local.get $written) (i32.const 1)))
      (br_if $byte (i32.lt_u (local.get $written) (i32.const 16)))))

  (func $drop_block (param $block i32)
    (if (i32.eqz (local.get $block)) (then (unreachable)))
    (call $free (local.get $block) (i32.add (i32.load align=1 (local.get $block)) (i32.const 4))))

  ;; A block of two bytes, {}.
  (func $nothing (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.const 6)))
    (i32.store (local.get $block) (i32.const 2))
    (i32.store16 offset=4 (local.get $block) (i32.const 0x7d7b))
    (local.get $block))

  ;; Tells the host that the guest is here.
  (func $mark
    (call $drop_block
      (call $call (i32.const 224) (i32.const 19) (i32.const 0) (i32.const 352) (i32.const 2))))

  ;; ---- operations

  ;; Calls test.ping as often as the input says.
  (func $ping_times (param $ctx i32) (param $in i32) (param $in_len i32) (param $payload i32) (param $length i32)
    (local $left i32)
    (call $read_id (local.get $ctx) (i32.const 108) (i32.const 400))
    (local.set $left (call $number (local.get $in) (local.get $in_len)))
    (loop $next
      (if (local.get $left)
        (then
          (call $drop_block
            (call $call (i32.const 192) (i32.const 18) (i32.const 400) (local.get $payload) (local.get $length)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $next)))))

  ;; {"times":n}: calls test.ping n times with 80 bytes.
  (func (export "query_ping_loop_v1") (param $ctx i32) (param $ctx_len i32) (param $in i32) (param $in_len i32) (result i32)
    (call $ping_times (local.get $ctx) (local.get $in) (local.get $in_len) (i32.const 256) (i32.const 80))
    (call $nothing))

  ;; {"times":n}: calls test.ping n times with 10,240 bytes.
  (func (export "query_ping_large_loop_v1") (param $ctx i32) (param $ctx_len i32) (param $in i32) (param $in_len i32) (result i32)
    (local $payload i32)
    (local.set $payload (call $alloc (i32.const 10240)))
    (memory.fill (local.get $payload) (i32.const 120) (i32.const 10240))
    (memory.copy (local.get $payload) (i32.const 512) (i32.const 12))
    (memory.copy (i32.add (local.get $payload) (i32.const 10228)) (i32.const 528) (i32.const 12))
    (call $ping_times (local.get $ctx) (local.get $in) (local.get $in_len) (local.get $payload) (i32.const 10240))
    (call $free (local.get $payload) (i32.const 10240))
    (call $nothing))

  ;; Answers its input.
  (func (export "query_echo_v1") (param $ctx i32) (param $ctx_len i32) (param $in i32) (param $in_len i32) (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.add (local.get $in_len) (i32.const 4))))
    (i32.store (local.get $block) (local.get $in_len))
    (memory.copy (i32.add (local.get $block) (i32.const 4)) (local.get $in) (local.get $in_len))
    (local.get $block))

  ;; ---- jobs

  ;; Eight digits into the state's text.
  (func $write_number (param $value i32)
    (local $at i32)
    (local.set $at (i32.const 1048))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
      (local.set $value (i32.div_u (local.get $value) (i32.const 10)))
      (br_if $digit (i32.gt_u (local.get $at) (i32.const 1040)))))

  ;; {"times":n}: n times progress, interrupt check and item count, between two marks.
  (func (export "execute_report") (param $ctx i32) (param $ctx_len i32) (param $state i32) (param $state_len i32) (result i32)
    (local $times i32) (local $done i32)
    (call $read_id (local.get $ctx) (i32.const 106) (i32.const 416))
    (local.set $times (call $number (local.get $state) (local.get $state_len)))
    (call $mark)
    (loop $next
      (call $progress (i32.const 416)
        (f32.div (f32.convert_i32_u (local.get $done)) (f32.convert_i32_u (local.get $times)))
        (i32.const 368) (i32.const 7))
      (if (call $interrupted (i32.const 416)) (then (return (i32.const 1))))
      (call $items (i32.const 416) (i64.const 1))
      (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $done) (local.get $times))))
    (call $mark)
    (i32.const 0))

  ;; {"times":n}: n checkpoints of 1024 bytes, between two marks.
  (func (export "execute_save") (param $ctx i32) (param $ctx_len i32) (param $state i32) (param $state_len i32) (result i32)
    (local $times i32) (local $done i32)
    (call $read_id (local.get $ctx) (i32.const 106) (i32.const 416))
    (local.set $times (call $number (local.get $state) (local.get $state_len)))
    (call $mark)
    (loop $next
      ;; A state that differs from the last: SQLite writes nothing for one that does not.
      (call $write_number (local.get $done))
      (if (call $checkpoint (i32.const 416) (i32.const 1024) (i32.const 1024)) (then (unreachable)))
      (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $done) (local.get $times))))
    (call $mark)
    (i32.const 0))

  ;; Never ends.
  (func (export "loop")
    (loop $again (br $again)))

  ;; Says that it runs.
  (func (export "execute_start") (param i32 i32 i32 i32) (result i32)
    (call $mark)
    (i32.const 0))
)
