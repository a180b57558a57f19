;; An initial memory over the cap is refused.
;; docs/abi.md §2: an initial memory within the cap
;; docs/abi.md §9: at the start `MODULE_INVALID`; growth answers −1
(module
  (memory (export "memory") 3))
