;; A plugin_init that does not come back is ended at its limit.
;; docs/abi.md §9: | `initTimeoutMs`, a start | 5 s | `INIT_FAILED` |
;; docs/abi.md §2: all within one time limit
(module
  (memory (export "memory") 1)
  (func (export "plugin_init") (loop $again (br $again))))
