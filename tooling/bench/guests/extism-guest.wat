(module
  ;; The peer's guest: the same work on the kernel of Extism.
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "ping" (func $ping (param i64) (result i64)))

  (memory (export "memory") 8)
  (data (i32.const 256) "{\"message\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"count\":1}")

  ;; Reads a block of the kernel's memory to 4096, eight bytes at a time, as the plug-in kits do.
  (func $read (param $block i64) (param $size i64)
    (local $at i64)
    (loop $words
      (if (i64.le_u (i64.add (local.get $at) (i64.const 8)) (local.get $size))
        (then
          (i64.store offset=4096 (i32.wrap_i64 (local.get $at))
            (call $load_u64 (i64.add (local.get $block) (local.get $at))))
          (local.set $at (i64.add (local.get $at) (i64.const 8)))
          (br $words))))
    (loop $bytes
      (if (i64.lt_u (local.get $at) (local.get $size))
        (then
          (i32.store8 offset=4096 (i32.wrap_i64 (local.get $at))
            (call $load_u8 (i64.add (local.get $block) (local.get $at))))
          (local.set $at (i64.add (local.get $at) (i64.const 1)))
          (br $bytes)))))

  ;; Input: the number of calls, in decimal. Calls the host that often with the bytes at $payload.
  ;; It frees nothing: in this version every block that was freed is sent along with all later calls, and makes them slower.
  ;; The host resets the plugin between rounds instead.
  (func $ping_times (param $payload i32) (param $length i64)
    (local $left i64) (local $at i64) (local $size i64) (local $block i64) (local $reply i64)
    (local.set $size (call $input_length))
    (loop $digits
      (if (i64.lt_u (local.get $at) (local.get $size))
        (then
          (local.set $left
            (i64.add (i64.mul (local.get $left) (i64.const 10))
              (i64.extend_i32_u (i32.sub (call $input_load_u8 (local.get $at)) (i32.const 48)))))
          (local.set $at (i64.add (local.get $at) (i64.const 1)))
          (br $digits))))
    (loop $next
      (if (i64.ne (local.get $left) (i64.const 0))
        (then
          (local.set $block (call $alloc (local.get $length)))
          (local.set $at (i64.const 0))
          (loop $words
            (call $store_u64 (i64.add (local.get $block) (local.get $at))
              (i64.load (i32.add (local.get $payload) (i32.wrap_i64 (local.get $at)))))
            (local.set $at (i64.add (local.get $at) (i64.const 8)))
            (br_if $words (i64.lt_u (local.get $at) (local.get $length))))
          (local.set $reply (call $ping (local.get $block)))
          (call $read (local.get $reply) (call $length (local.get $reply)))
          (local.set $left (i64.sub (local.get $left) (i64.const 1)))
          (br $next)))))

  (func (export "ping_loop") (result i32)
    (call $ping_times (i32.const 256) (i64.const 80))
    (i32.const 0))

  ;; The same with 10,240 bytes.
  (func (export "ping_large_loop") (result i32)
    (memory.fill (i32.const 262144) (i32.const 120) (i32.const 10240))
    (memory.copy (i32.const 262144) (i32.const 256) (i32.const 12))
    (memory.copy (i32.const 272372) (i32.const 324) (i32.const 12))
    (call $ping_times (i32.const 262144) (i64.const 10240))
    (i32.const 0))

  ;; Answers its input.
  (func (export "echo") (result i32)
    (local $at i64) (local $size i64) (local $block i64)
    (local.set $size (call $input_length))
    (loop $in
      (if (i64.le_u (i64.add (local.get $at) (i64.const 8)) (local.get $size))
        (then
          (i64.store offset=4096 (i32.wrap_i64 (local.get $at)) (call $input_load_u64 (local.get $at)))
          (local.set $at (i64.add (local.get $at) (i64.const 8)))
          (br $in))))
    (loop $in_rest
      (if (i64.lt_u (local.get $at) (local.get $size))
        (then
          (i32.store8 offset=4096 (i32.wrap_i64 (local.get $at)) (call $input_load_u8 (local.get $at)))
          (local.set $at (i64.add (local.get $at) (i64.const 1)))
          (br $in_rest))))
    (local.set $block (call $alloc (local.get $size)))
    (local.set $at (i64.const 0))
    (loop $out
      (if (i64.le_u (i64.add (local.get $at) (i64.const 8)) (local.get $size))
        (then
          (call $store_u64 (i64.add (local.get $block) (local.get $at))
            (i64.load offset=4096 (i32.wrap_i64 (local.get $at))))
          (local.set $at (i64.add (local.get $at) (i64.const 8)))
          (br $out))))
    (loop $out_rest
      (if (i64.lt_u (local.get $at) (local.get $size))
        (then
          (call $store_u8 (i64.add (local.get $block) (local.get $at))
            (i32.load8_u offset=4096 (i32.wrap_i64 (local.get $at))))
          (local.set $at (i64.add (local.get $at) (i64.const 1)))
          (br $out_rest))))
    (call $output_set (local.get $block) (local.get $size))
    (i32.const 0))
)
