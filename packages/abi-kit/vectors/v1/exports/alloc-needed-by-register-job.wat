;; A module that imports register_job and exports no wasm_alloc is refused.
;; docs/abi.md §2: needed where the host must hand the guest data: it imports `spacedrive_call`, `register_job` or `register_operation`
(module
  (import "spacedrive" "register_job" (func $register_job (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "wasm_free") (param i32 i32)))
