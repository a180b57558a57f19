;; The start function has run before plugin_init is called.
;; docs/abi.md §2: An instance starts in this order: start function (where the module has one), `spacedrive_abi_version`, `_initialize`, `plugin_init`
(module
  (memory (export "memory") 1)
  (global $ready (mut i32) (i32.const 1))
  (func $first (global.set $ready (i32.const 0)))
  (start $first)
  (func (export "plugin_init") (result i32) (global.get $ready)))
