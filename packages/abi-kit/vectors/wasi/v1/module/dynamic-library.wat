;; A module that is marked as a dynamic library is refused.
;; docs/wasi-protocol.md §1: It is one module with all of its code, and no dynamic library: the section `dylink.0`, by which linkers mark one, is refused.
(module
  (@custom "dylink.0" "\01\04\00\00\00\00")
  (memory (export "memory") 1)
  (func (export "_start")))
