;; Any other host function in wasm_alloc ends the instance.
;; docs/abi.md §4: During `wasm_alloc` and `wasm_free` the guest may call `spacedrive_log` and no other host function.
;; docs/abi.md §10: calls a host function but `spacedrive_log` within `wasm_alloc` or `wasm_free`, or any in its start function
(module
  (import "spacedrive" "job_check_interrupt" (func $interrupt (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")

  (func (export "wasm_alloc") (param $size i32) (result i32)
    (drop (call $interrupt (i32.const 16)))
    (i32.const 4096))
  (func (export "wasm_free") (param $pointer i32) (param $size i32))

  (func (export "execute_work") (param $context i32) (param $context_length i32) (param $state i32) (param $state_length i32) (result i32) (i32.const 0)))
