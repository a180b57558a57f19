;; An export plugin_init that is no function is refused.
;; docs/abi.md §2: | `plugin_init` | `() -> i32` or `()` |
(module
  (memory (export "memory") 1)
  (global (export "plugin_init") i32 (i32.const 0)))
