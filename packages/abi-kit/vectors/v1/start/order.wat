;; Version, _initialize and plugin_init are called in this order.
;; docs/abi.md §2: An instance starts in this order: start function (where the module has one), `spacedrive_abi_version`, `_initialize`, `plugin_init`
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "version")
  (data (i32.const 110) "initialize")
  (data (i32.const 130) "plugin")
  (func (export "plugin_init") (call $log (i32.const 1) (i32.const 130) (i32.const 6)))
  (func (export "_initialize") (call $log (i32.const 1) (i32.const 110) (i32.const 10)))
  (func (export "spacedrive_abi_version") (result i32)
    (call $log (i32.const 1) (i32.const 100) (i32.const 7))
    (i32.const 1)))
