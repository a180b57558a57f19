;; An exception that nobody catches ends the instance.
;; docs/abi.md §10: traps, overflows its stack, or lets an exception escape
(module
  (memory (export "memory") 1)
  (tag $oops)
  (func (export "run") (throw $oops)))
