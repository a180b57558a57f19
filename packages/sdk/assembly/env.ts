/**
 * The host functions of ABI version 1 (docs/abi.md), as they are. Pointers and lengths are byte counts into this
 * module's memory; text is UTF-8; a UUID is 16 bytes. Nothing above this file passes a pointer.
 */

// @ts-ignore: decorator
@external("spacedrive", "spacedrive_call")
export declare function spacedrive_call(method: usize, methodLength: usize, libraryId: usize, payload: usize, payloadLength: usize): usize;

// @ts-ignore: decorator
@external("spacedrive", "spacedrive_log")
export declare function spacedrive_log(level: u32, message: usize, messageLength: usize): void;

// @ts-ignore: decorator
@external("spacedrive", "job_report_progress")
export declare function job_report_progress(jobId: usize, progress: f32, message: usize, messageLength: usize): void;

// @ts-ignore: decorator
@external("spacedrive", "job_checkpoint")
export declare function job_checkpoint(jobId: usize, state: usize, stateLength: usize): i32;

// @ts-ignore: decorator
@external("spacedrive", "job_check_interrupt")
export declare function job_check_interrupt(jobId: usize): i32;

// @ts-ignore: decorator
@external("spacedrive", "job_add_warning")
export declare function job_add_warning(jobId: usize, message: usize, messageLength: usize): void;

// @ts-ignore: decorator
@external("spacedrive", "job_increment_bytes")
export declare function job_increment_bytes(jobId: usize, bytes: u64): void;

// @ts-ignore: decorator
@external("spacedrive", "job_increment_items")
export declare function job_increment_items(jobId: usize, items: u64): void;

// @ts-ignore: decorator
@external("spacedrive", "register_job")
export declare function register_job(name: usize, nameLength: usize, exportName: usize, exportLength: usize, resumable: u32): i32;

// @ts-ignore: decorator
@external("spacedrive", "register_operation")
export declare function register_operation(kind: u32, name: usize, nameLength: usize, exportName: usize, exportLength: usize): i32;

// @ts-ignore: decorator
@external("spacedrive", "job_fail")
export declare function job_fail(jobId: usize, message: usize, messageLength: usize): void;

// @ts-ignore: decorator
@external("spacedrive", "job_complete")
export declare function job_complete(jobId: usize, result: usize, resultLength: usize): void;
