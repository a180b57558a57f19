;; One local more than maxLocals, of all functions together, is refused.
;; docs/abi.md §9: Its functions may have 100,000,000 locals and parameters together (`maxLocals`; over it `MODULE_INVALID`)
(module
  (memory (export "memory") 1)
  (func (param i32 i32) (local i64 i64 i64))
  (func (param i32) (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
