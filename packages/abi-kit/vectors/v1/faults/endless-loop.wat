;; A call that does not come back is ended at its limit.
;; docs/abi.md §9: | `callTimeoutMs`, a call into the guest, with what it waits for | 30 s | `TIMEOUT` |
;; docs/abi.md §10: | does not come back in time | `TIMEOUT`
(module
  (memory (export "memory") 1)
  (func (export "run") (loop $again (br $again)))
  (func (export "seven") (result i32) (i32.const 7)))
