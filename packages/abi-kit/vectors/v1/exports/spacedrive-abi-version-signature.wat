;; An export spacedrive_abi_version of another signature is refused by name.
;; docs/abi.md §2: | `spacedrive_abi_version` | `() -> i32` |
;; docs/abi.md §2: checked before the module is compiled. What fails is `MODULE_INVALID`
(module
  (memory (export "memory") 1)
  (func (export "spacedrive_abi_version")))
