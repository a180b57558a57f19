/** The module that a guest imports from. */
export const HOST_MODULE = "spacedrive";

/** Every host function of ABI version 1, with its exact signature: JavaScript accepts wrong ones silently, so we check. */
export const HOST_FUNCTION_SIGNATURES: ReadonlyMap<string, string> = new Map([
  ["spacedrive_call", "(i32, i32, i32, i32, i32) -> i32"],
  ["spacedrive_log", "(i32, i32, i32) -> ()"],
  ["job_report_progress", "(i32, f32, i32, i32) -> ()"],
  ["job_checkpoint", "(i32, i32, i32) -> i32"],
  ["job_check_interrupt", "(i32) -> i32"],
  ["job_add_warning", "(i32, i32, i32) -> ()"],
  ["job_increment_bytes", "(i32, i64) -> ()"],
  ["job_increment_items", "(i32, i64) -> ()"],
  ["register_job", "(i32, i32, i32, i32, i32) -> i32"],
  ["register_operation", "(i32, i32, i32, i32, i32) -> i32"],
  ["job_fail", "(i32, i32, i32) -> ()"],
  ["job_complete", "(i32, i32, i32) -> ()"],
]);

/** Importing one of these means that the host must hand the guest data, so it needs the guest's allocator. */
export const NEEDS_ALLOCATOR: readonly string[] = ["spacedrive_call", "register_job", "register_operation"];

/** Exports that the host looks for by name, and the signatures that they may have. */
export const KNOWN_EXPORTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["wasm_alloc", ["(i32) -> i32"]],
  ["wasm_free", ["(i32, i32) -> ()"]],
  ["plugin_init", ["() -> i32", "() -> ()"]],
  ["plugin_cleanup", ["() -> i32", "() -> ()"]],
  ["_initialize", ["() -> ()"]],
  ["spacedrive_abi_version", ["() -> i32"]],
]);

/** Of `execute_<job>` and of an operation's export. */
export const HANDLER_SIGNATURE = "(i32, i32, i32, i32) -> i32";

/** Of an export that is called by its bare name. */
export const BARE_SIGNATURES: readonly string[] = ["() -> i32", "() -> ()"];

/** The versions of the ABI that this host speaks. A module without `spacedrive_abi_version` speaks version 1. */
export const KNOWN_ABI_VERSIONS: readonly number[] = [1];
