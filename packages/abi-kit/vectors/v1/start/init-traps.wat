;; A trap in plugin_init fails the start.
;; docs/abi.md §10: any of these in a start
(module
  (memory (export "memory") 1)
  (func (export "plugin_init") unreachable))
