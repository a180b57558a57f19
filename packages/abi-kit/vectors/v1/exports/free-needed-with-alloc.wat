;; A module that must be handed data and exports no wasm_free is refused.
;; docs/abi.md §2: needed together with `wasm_alloc`
(module
  (import "spacedrive" "spacedrive_call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "wasm_alloc") (param i32) (result i32) (i32.const 1024)))
