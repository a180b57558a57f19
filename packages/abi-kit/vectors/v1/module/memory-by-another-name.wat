;; A memory that is exported by another name is not found.
;; docs/abi.md §2: its own, exported as `memory`
(module
  (memory (export "ram") 1))
