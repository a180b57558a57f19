;; Outside a job, job_checkpoint answers 1, job_check_interrupt answers 2, and the rest do nothing.
;; docs/abi.md §3: With any other id, or outside a job, `job_checkpoint` returns 1, `job_check_interrupt` returns 2, and the rest do nothing.
;; docs/abi.md §3: the job is not running, or the disk is full
(module
  (import "spacedrive" "job_report_progress" (func $progress (param i32 f32 i32 i32)))
  (import "spacedrive" "job_checkpoint" (func $checkpoint (param i32 i32 i32) (result i32)))
  (import "spacedrive" "job_check_interrupt" (func $interrupt (param i32) (result i32)))
  (import "spacedrive" "job_add_warning" (func $warning (param i32 i32 i32)))
  (import "spacedrive" "job_increment_bytes" (func $bytes (param i32 i64)))
  (import "spacedrive" "job_increment_items" (func $items (param i32 i64)))
  (import "spacedrive" "job_fail" (func $fail (param i32 i32 i32)))
  (import "spacedrive" "job_complete" (func $complete (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\11\11\11\11\11\11A\11\81\11\11\11\11\11\11\11")
  (data (i32.const 100) "{\22n\22:1}")
  (func (export "checkpoint") (result i32) (call $checkpoint (i32.const 16) (i32.const 100) (i32.const 7)))
  (func (export "interrupt") (result i32) (call $interrupt (i32.const 16)))
  (func (export "rest")
    (call $progress (i32.const 16) (f32.const 0.5) (i32.const 100) (i32.const 7))
    (call $warning (i32.const 16) (i32.const 100) (i32.const 7))
    (call $bytes (i32.const 16) (i64.const 5))
    (call $items (i32.const 16) (i64.const 5))
    (call $fail (i32.const 16) (i32.const 100) (i32.const 7))
    (call $complete (i32.const 16) (i32.const 100) (i32.const 7))))
