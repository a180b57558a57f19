;; An export plugin_init of another signature is refused by name.
;; docs/abi.md §2: | `plugin_init` | `() -> i32` or `()` |
;; docs/abi.md §2: checked before the module is compiled. What fails is `MODULE_INVALID`
(module
  (memory (export "memory") 1)
  (func (export "plugin_init") (result i64) (i64.const 0)))
