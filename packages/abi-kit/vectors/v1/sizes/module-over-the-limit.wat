;; A file over maxModuleBytes is refused.
;; docs/abi.md §9: | `maxModuleBytes` | 32 MiB | `MODULE_INVALID` |
(module
  (memory (export "memory") 1))
