;; A module that keeps its memory to itself is refused.
;; docs/abi.md §2: its own, exported as `memory`
(module
  (memory 1))
