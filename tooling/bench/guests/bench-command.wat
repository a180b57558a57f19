(module
  ;; The WASI command that the engines are measured with: the protocol of docs/wasi-protocol.md, as far as the bench needs it. It
  ;; relies on what hosts write: no blanks, and `input` last.
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  ;; One page, like the bench's extension, until a record is longer than 16 KiB.
  (memory (export "memory") 1 256)

  ;; 0: one vector of an address and a length. 8: how many bytes were read or written.
  (data (i32.const 16) "\"id\":")
  (data (i32.const 32) "\"method\":\"")
  (data (i32.const 48) "\"export\":\"")
  (data (i32.const 64) "\"input\":\"")
  (data (i32.const 80) "\1e{\"jsonrpc\":\"2.0\",\"id\":")
  (data (i32.const 112) ",\"result\":")
  (data (i32.const 128) "}\0a")
  (data (i32.const 144) "\"{}\"")
  (data (i32.const 160) "\1e{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"call\",\"params\":{\"method\":\"query:test.ping.v1\",\"payload\":\"")
  (data (i32.const 256) "{\\\"message\\\":\\\"")
  (data (i32.const 288) "\\\",\\\"count\\\":1}")
  (data (i32.const 320) "\"}}\0a")
  ;; 512: the id of the command that is under way.
  ;; 4096 and 20480: what is read and what is written, 16 KiB each, until they move to pages of their own.
  (global $in (mut i32) (i32.const 4096))
  (global $in_size (mut i32) (i32.const 16384))
  (global $in_length (mut i32) (i32.const 0))
  (global $out (mut i32) (i32.const 20480))
  (global $out_length (mut i32) (i32.const 0))
  (global $id_length (mut i32) (i32.const 0))

  ;; ---- reading

  ;; Room for 256 KiB each.
  (func $grow
    (if (i32.ne (global.get $in) (i32.const 4096)) (then (unreachable)))
    (if (i32.lt_s (memory.grow (i32.const 8)) (i32.const 0)) (then (unreachable)))
    (memory.copy (i32.const 65536) (global.get $in) (global.get $in_length))
    (global.set $in (i32.const 65536))
    (global.set $in_size (i32.const 262144))
    (global.set $out (i32.const 327680)))

  ;; Waits for a whole record, which is all that is sent at a time.
  (func $read_record
    (global.set $in_length (i32.const 0))
    (loop $more
      (if (i32.eq (global.get $in_length) (global.get $in_size)) (then (call $grow)))
      (i32.store (i32.const 0) (i32.add (global.get $in) (global.get $in_length)))
      (i32.store (i32.const 4) (i32.sub (global.get $in_size) (global.get $in_length)))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
        (then (call $proc_exit (i32.const 71))))
      (if (i32.eqz (i32.load (i32.const 8))) (then (call $proc_exit (i32.const 0))))
      (global.set $in_length (i32.add (global.get $in_length) (i32.load (i32.const 8))))
      (br_if $more
        (i32.ne
          (i32.load8_u (i32.sub (i32.add (global.get $in) (global.get $in_length)) (i32.const 1)))
          (i32.const 10)))))

  ;; Where the value of a key begins, which must be there.
  (func $find (param $key i32) (param $length i32) (result i32)
    (local $at i32) (local $same i32)
    (local.set $at (global.get $in))
    (loop $next
      (local.set $same (i32.const 0))
      (block $differs
        (loop $byte
          (br_if $differs
            (i32.ne
              (i32.load8_u (i32.add (local.get $at) (local.get $same)))
              (i32.load8_u (i32.add (local.get $key) (local.get $same)))))
          (local.set $same (i32.add (local.get $same) (i32.const 1)))
          (br_if $byte (i32.lt_u (local.get $same) (local.get $length))))
        (return (i32.add (local.get $at) (local.get $length))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.add (global.get $in) (global.get $in_length)))))
    (unreachable))

  (func $keep_id
    (local $at i32)
    (local.set $at (call $find (i32.const 16) (i32.const 5)))
    (global.set $id_length (i32.const 0))
    (loop $digit
      (i32.store8 (i32.add (i32.const 512) (global.get $id_length)) (i32.load8_u (local.get $at)))
      (global.set $id_length (i32.add (global.get $id_length) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $digit (i32.ne (i32.load8_u (local.get $at)) (i32.const 44)))))

  ;; The number that the digits of the input make: {\"times\":200} is 200.
  (func $number (param $at i32) (param $end i32) (result i32)
    (local $digit i32) (local $value i32)
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
          (if (i32.lt_u (local.get $digit) (i32.const 10))
            (then (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $digit)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $value))

  ;; ---- writing

  (func $put (param $at i32) (param $length i32)
    (memory.copy (i32.add (global.get $out) (global.get $out_length)) (local.get $at) (local.get $length))
    (global.set $out_length (i32.add (global.get $out_length) (local.get $length))))

  ;; Writes what has been put, as often as it takes, and keeps it.
  (func $write
    (local $done i32)
    (loop $more
      (i32.store (i32.const 0) (i32.add (global.get $out) (local.get $done)))
      (i32.store (i32.const 4) (i32.sub (global.get $out_length) (local.get $done)))
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
        (then (call $proc_exit (i32.const 71))))
      (local.set $done (i32.add (local.get $done) (i32.load (i32.const 8))))
      (br_if $more (i32.lt_u (local.get $done) (global.get $out_length)))))

  (func $begin_answer
    (global.set $out_length (i32.const 0))
    (call $put (i32.const 80) (i32.const 23))
    (call $put (i32.const 512) (global.get $id_length))
    (call $put (i32.const 112) (i32.const 10)))

  (func $end_answer
    (call $put (i32.const 128) (i32.const 2))
    (call $write))

  ;; ---- operations

  ;; Calls test.ping so many times, with so many bytes of a message.
  (func $ping_times (param $times i32) (param $message i32)
    (global.set $out_length (i32.const 0))
    (call $put (i32.const 160) (i32.const 92))
    (call $put (i32.const 256) (i32.const 15))
    (memory.fill (i32.add (global.get $out) (global.get $out_length)) (i32.const 120) (local.get $message))
    (global.set $out_length (i32.add (global.get $out_length) (local.get $message)))
    (call $put (i32.const 288) (i32.const 15))
    (call $put (i32.const 320) (i32.const 4))
    (loop $next
      (if (local.get $times)
        (then
          (call $write)
          (call $read_record)
          (local.set $times (i32.sub (local.get $times) (i32.const 1)))
          (br $next)))))

  ;; `echo`, `ping_loop` and `ping_large_loop`, by a letter of each.
  (func $handle
    (local $name i32) (local $from i32) (local $end i32)
    (local.set $name (call $find (i32.const 48) (i32.const 10)))
    (local.set $from (call $find (i32.const 64) (i32.const 9)))
    (local.set $end (i32.sub (i32.add (global.get $in) (global.get $in_length)) (i32.const 4)))
    (if (i32.eq (i32.load8_u (local.get $name)) (i32.const 101))
      (then
        (call $begin_answer)
        ;; With its quotes and escapes as they came.
        (call $put (i32.sub (local.get $from) (i32.const 1)) (i32.sub (i32.add (local.get $end) (i32.const 2)) (local.get $from)))
        (return (call $end_answer))))
    (call $ping_times
      (call $number (local.get $from) (local.get $end))
      (if (result i32) (i32.eq (i32.load8_u offset=6 (local.get $name)) (i32.const 97))
        (then (i32.const 10216))
        (else (i32.const 56))))
    (call $begin_answer)
    (call $put (i32.const 144) (i32.const 4))
    (call $end_answer))

  (func $loop_for_ever
    (loop $again (br $again)))

  (func (export "_start")
    (local $method i32)
    (loop $next
      (call $read_record)
      (call $keep_id)
      (local.set $method (i32.load8_u (call $find (i32.const 32) (i32.const 10))))
      ;; `call`, whatever of.
      (if (i32.eq (local.get $method) (i32.const 99)) (then (call $loop_for_ever)))
      (if (i32.eq (local.get $method) (i32.const 104))
        (then (call $handle))
        (else
          ;; `start`: it speaks version 1.
          (call $begin_answer)
          (i32.store8 (i32.add (global.get $out) (global.get $out_length)) (i32.const 49))
          (global.set $out_length (i32.add (global.get $out_length) (i32.const 1)))
          (call $end_answer)))
      (br $next)))
)
