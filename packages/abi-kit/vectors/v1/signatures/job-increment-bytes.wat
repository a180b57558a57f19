;; An import of job_increment_bytes with another signature than the table's is refused.
;; docs/abi.md §2: with exactly those signatures
;; docs/abi.md §3: | `job_increment_bytes` |
(module
  (import "spacedrive" "job_increment_bytes" (func (param i32 i32)))
  (memory (export "memory") 1)
  (func (export "wasm_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "wasm_free") (param i32 i32)))
