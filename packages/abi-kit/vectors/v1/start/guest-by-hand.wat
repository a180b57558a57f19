;; The guest at the end of the page runs and is heard.
;; docs/abi.md §11: hello from WebAssembly
(module
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello from WebAssembly")
  (func (export "plugin_init") (result i32)
    (call $log (i32.const 1) (i32.const 16) (i32.const 22))
    (i32.const 0)))
