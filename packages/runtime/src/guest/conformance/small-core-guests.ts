import type { SmallGuest } from "./conformance-bench.js";

const SAY = `
  (import "spacedrive" "spacedrive_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "no key was given")
  (func $say (call $log (i32.const 3) (i32.const 16) (i32.const 16)))`;

const TEXTS: Readonly<Record<SmallGuest, string>> = {
  "does-nothing": `(module (memory (export "memory") 0))`,
  "version-2": `(module (memory (export "memory") 1) (func (export "spacedrive_abi_version") (result i32) (i32.const 2)))`,
  "traps-in-init": `(module ${SAY} (func $broken unreachable) (func $init (export "plugin_init") (call $say) (call $broken)))`,
  "fails-in-init": `(module ${SAY} (func (export "plugin_init") (result i32) (call $say) (i32.const 3)))`,
  "loops-in-init": `(module (memory (export "memory") 1) (func (export "plugin_init") (loop (br 0))))`,
};

/** The suite's small guests as core modules, in text form. */
export function smallCoreGuest(name: SmallGuest): string {
  return TEXTS[name];
}
