(module
  ;; What a guest imports in place of the four host functions of a job's loop: each calls what stands in the table. At first
  ;; those are the host functions themselves; the back, which needs the guest's memory, puts its own there once that exists.
  (import "slow" "interrupt" (func $slow_interrupt (param i32) (result i32)))
  (import "slow" "progress" (func $slow_progress (param i32 f32 i32 i32)))
  (import "slow" "bytes" (func $slow_bytes (param i32 i64)))
  (import "slow" "items" (func $slow_items (param i32 i64)))

  (table (export "table") 4 4 funcref)
  (elem (i32.const 0) $slow_interrupt $slow_progress $slow_bytes $slow_items)

  (type $interrupt (func (param i32) (result i32)))
  (type $progress (func (param i32 f32 i32 i32)))
  (type $count (func (param i32 i64)))

  (func (export "interrupt") (param i32) (result i32)
    (return_call_indirect (type $interrupt) (local.get 0) (i32.const 0)))
  (func (export "progress") (param i32 f32 i32 i32)
    (return_call_indirect (type $progress) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 1)))
  (func (export "bytes") (param i32 i64)
    (return_call_indirect (type $count) (local.get 0) (local.get 1) (i32.const 2)))
  (func (export "items") (param i32 i64)
    (return_call_indirect (type $count) (local.get 0) (local.get 1) (i32.const 3)))
)
