(module
  ;; What a job's loop costs where its three imports do nothing.
  (import "empty" "progress" (func $progress (param i32 f32 i32 i32)))
  (import "empty" "interrupted" (func $interrupted (param i32) (result i32)))
  (import "empty" "items" (func $items (param i32 i64)))

  (func (export "loop") (param $times i32)
    (local $done i32)
    (loop $next
      (call $progress (i32.const 416)
        (f32.div (f32.convert_i32_u (local.get $done)) (f32.convert_i32_u (local.get $times)))
        (i32.const 368) (i32.const 7))
      (if (call $interrupted (i32.const 416)) (then (return)))
      (call $items (i32.const 416) (i64.const 1))
      (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $done) (local.get $times)))))
)
