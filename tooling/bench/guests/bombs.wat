(module
  ;; What never ends by itself.
  (memory (export "memory") 1)

  (func (export "loop")
    (loop $again (br $again)))

  ;; Takes all the memory that it can get, and writes over it for ever: the platform does not interrupt one fill.
  (func (export "fill")
    (block $full
      (loop $more
        (br_if $full (i32.lt_s (memory.grow (i32.const 64)) (i32.const 0)))
        (br $more)))
    (loop $again
      (memory.fill (i32.const 0) (i32.const 255) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)))
      (br $again)))
)
