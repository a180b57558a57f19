;; A module without a memory is refused, and the message names the memory.
;; docs/abi.md §2: **exactly one memory**
(module
  (func (export "plugin_init")))
