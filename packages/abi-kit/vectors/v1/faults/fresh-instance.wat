;; The call after a fault gets a fresh instance, which knows nothing of the one before.
;; docs/abi.md §10: The next call or attempt gets a fresh instance.
(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "count") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls))
  (func (export "trap") unreachable))
