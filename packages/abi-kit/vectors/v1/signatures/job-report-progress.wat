;; An import of job_report_progress with another signature than the table's is refused.
;; docs/abi.md §2: with exactly those signatures
;; docs/abi.md §3: | `job_report_progress` |
(module
  (import "spacedrive" "job_report_progress" (func (param i32 f64 i32 i32)))
  (memory (export "memory") 1)
  (func (export "wasm_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "wasm_free") (param i32 i32)))
