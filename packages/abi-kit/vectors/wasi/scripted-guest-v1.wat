;; The guest of every vector that has a script in its description: scripts/scripted-guest.ts puts the script's literals and
;; its steps, as calls of the functions below, in place of the lines with an @.
;;
;; memory:    0 vector of fd_read and fd_write (pointer, length), 8 their count of bytes, 12 a digit
;;           16 to 999 for what a script computes
;;         1024 the id of the command that is under way, as it was written
;;         4096 the script's literals
;;        1 MiB what is to be written
;;        5 MiB the record that was read last
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  ;; @imports
  (memory (export "memory") 128)
  ;; @literals

  (global $chunk (mut i32) (i32.const 1048576))
  (global $input_chunk (mut i32) (i32.const 1048576))
  (global $held (mut i32) (i32.const 0))
  (global $input_length (mut i32) (i32.const 0))
  (global $id_length (mut i32) (i32.const 0))
  (global $found (mut i32) (i32.const 0))
  (global $found_length (mut i32) (i32.const 0))

  ;; What is put is held until it is written.
  (func $put (param $at i32) (param $length i32)
    (memory.copy (i32.add (i32.const 0x100000) (global.get $held)) (local.get $at) (local.get $length))
    (global.set $held (i32.add (global.get $held) (local.get $length))))

  (func $put_fill (param $byte i32) (param $times i32)
    (memory.fill (i32.add (i32.const 0x100000) (global.get $held)) (local.get $byte) (local.get $times))
    (global.set $held (i32.add (global.get $held) (local.get $times))))

  (func $put_id (call $put (i32.const 1024) (global.get $id_length)))

  (func $put_field (param $key i32) (param $length i32)
    (call $find (local.get $key) (local.get $length))
    (call $put (global.get $found) (global.get $found_length)))

  (func $put_number (param $value i32)
    (if (i32.ge_u (local.get $value) (i32.const 10)) (then (call $put_number (i32.div_u (local.get $value) (i32.const 10)))))
    (i32.store8 (i32.const 12) (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
    (call $put (i32.const 12) (i32.const 1)))

  ;; The record that was read last, as a line of text.
  (func $put_record
    (call $put (i32.const 0x500001) (i32.sub (global.get $input_length) (i32.const 1))))

  ;; Writes what is held, at most $chunk bytes at once, as often as it takes.
  (func $flush (param $fd i32)
    (local $done i32)
    (block $written
      (loop $more
        (br_if $written (i32.ge_u (local.get $done) (global.get $held)))
        (i32.store (i32.const 0) (i32.add (i32.const 0x100000) (local.get $done)))
        (i32.store (i32.const 4) (call $least (i32.sub (global.get $held) (local.get $done)) (global.get $chunk)))
        (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))
          (then (call $proc_exit (i32.const 71))))
        (local.set $done (i32.add (local.get $done) (i32.load (i32.const 8))))
        (br $more)))
    (global.set $held (i32.const 0)))

  (func $least (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.lt_u (local.get $a) (local.get $b))))

  ;; Reads a record, at most $input_chunk bytes at once. The guest ends where standard input does.
  (func $read
    (global.set $input_length (i32.const 0))
    (loop $more
      (i32.store (i32.const 0) (i32.add (i32.const 0x500000) (global.get $input_length)))
      (i32.store (i32.const 4) (global.get $input_chunk))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
        (then (call $proc_exit (i32.const 72))))
      (if (i32.eqz (i32.load (i32.const 8))) (then (call $proc_exit (i32.const 0))))
      (global.set $input_length (i32.add (global.get $input_length) (i32.load (i32.const 8))))
      (br_if $more (i32.ne (i32.const 0x0a) (i32.load8_u (i32.add (i32.const 0x4fffff) (global.get $input_length)))))))

  ;; Waits for the end of standard input.
  (func $await_end
    (i32.store (i32.const 0) (i32.const 0x500000))
    (i32.store (i32.const 4) (global.get $input_chunk))
    (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
      (then (call $proc_exit (i32.const 72))))
    (if (i32.load (i32.const 8)) (then (unreachable))))

  ;; Reads a command, and remembers its id.
  (func $command
    (call $read)
    (i32.store16 (i32.const 1020) (i32.const 0x6469)) ;; "id"
    (call $find (i32.const 1020) (i32.const 2))
    (memory.copy (i32.const 1024) (global.get $found) (global.get $found_length))
    (global.set $id_length (global.get $found_length)))

  ;; The value of the first field of this name, as it is written in the record that was read last. Traps where there is none.
  (func $find (param $key i32) (param $key_length i32)
    (local $at i32) (local $start i32) (local $colon i32)
    (local.set $at (i32.const 0x500001))
    (loop $next
      (if (i32.ge_u (local.get $at) (i32.add (i32.const 0x500000) (global.get $input_length))) (then (unreachable)))
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x22))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))
      (local.set $start (i32.add (local.get $at) (i32.const 1)))
      (local.set $at (call $after_string (local.get $at)))
      (local.set $colon (call $after_space (local.get $at)))
      (br_if $next (i32.ne (i32.load8_u (local.get $colon)) (i32.const 0x3a)))
      (br_if $next (i32.ne (local.get $key_length) (i32.sub (i32.sub (local.get $at) (i32.const 1)) (local.get $start))))
      (br_if $next (i32.eqz (call $equal (local.get $start) (local.get $key) (local.get $key_length)))))
    (global.set $found (call $after_space (i32.add (local.get $colon) (i32.const 1))))
    (global.set $found_length (i32.sub (call $after_value (global.get $found)) (global.get $found))))

  (func $equal (param $a i32) (param $b i32) (param $length i32) (result i32)
    (loop $next
      (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br_if $next
        (i32.eq
          (i32.load8_u (i32.add (local.get $a) (local.get $length)))
          (i32.load8_u (i32.add (local.get $b) (local.get $length))))))
    (i32.const 0))

  (func $after_space (param $at i32) (result i32)
    (loop $next
      (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x20))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $at))

  (func $after_string (param $at i32) (result i32)
    (local $byte i32)
    (loop $next
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 0x5c))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))
      (br_if $next (i32.ne (local.get $byte) (i32.const 0x22))))
    (i32.add (local.get $at) (i32.const 1)))

  (func $after_value (param $at i32) (result i32)
    (local $depth i32) (local $byte i32)
    (loop $next
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 0x22))
        (then
          (local.set $at (call $after_string (local.get $at)))
          (br $next)))
      (if (i32.or (i32.eq (local.get $byte) (i32.const 0x7b)) (i32.eq (local.get $byte) (i32.const 0x5b)))
        (then (local.set $depth (i32.add (local.get $depth) (i32.const 1)))))
      (if (i32.and (i32.eq (local.get $byte) (i32.const 0x2c)) (i32.eqz (local.get $depth)))
        (then (return (local.get $at))))
      (if (i32.or (i32.eq (local.get $byte) (i32.const 0x7d)) (i32.eq (local.get $byte) (i32.const 0x5d)))
        (then
          (if (i32.eqz (local.get $depth)) (then (return (local.get $at))))
          (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))
    (unreachable))

  (func $inner_trap unreachable)
  (func $outer_trap (call $inner_trap))
  (func $spin (loop $again (br $again)))
  (func $recurse (param i32) (result i32) (i32.add (i32.const 1) (call $recurse (i32.add (local.get 0) (i32.const 1)))))
  (func $grow_to_the_cap (loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 1))))))

  (func (export "_start")
    (local $rounds i32)
    ;; @steps
  ))
