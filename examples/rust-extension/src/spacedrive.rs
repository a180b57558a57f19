//! The ABI of docs/abi.md, version 1, with strings in place of pointers. Copy this file and `json.rs` into an extension of
//! yours: all that is unsafe is in here.

#![allow(dead_code)] // not every extension uses all of it

use crate::json;
use std::alloc::Layout;

/// The host's functions, as docs/abi.md lists them.
mod host {
    #[link(wasm_import_module = "spacedrive")]
    extern "C" {
        pub fn spacedrive_call(
            method: *const u8, method_length: usize, library: *const u8, payload: *const u8, payload_length: usize,
        ) -> *mut u8;
        pub fn spacedrive_log(level: u32, message: *const u8, length: usize);
        pub fn job_report_progress(job: *const u8, fraction: f32, message: *const u8, length: usize);
        pub fn job_checkpoint(job: *const u8, state: *const u8, length: usize) -> i32;
        pub fn job_check_interrupt(job: *const u8) -> i32;
        pub fn job_add_warning(job: *const u8, message: *const u8, length: usize);
        pub fn job_increment_items(job: *const u8, count: u64);
        pub fn job_increment_bytes(job: *const u8, count: u64);
        pub fn job_fail(job: *const u8, message: *const u8, length: usize);
        pub fn job_complete(job: *const u8, result: *const u8, length: usize);
        pub fn register_job(
            name: *const u8, name_length: usize, export: *const u8, export_length: usize, resumable: u32,
        ) -> i32;
        pub fn register_operation(
            kind: u32, name: *const u8, name_length: usize, export: *const u8, export_length: usize,
        ) -> i32;
    }
}

/// Why a call or a job failed.
pub struct Failure {
    /// One of docs/errors.md.
    pub code: String,
    pub message: String,
    /// What the caller is answered: of a failure that the host told, all that it said.
    envelope: String,
}

impl Failure {
    pub fn new(code: &str, message: &str) -> Failure {
        let envelope = format!(r#"{{"error":{},"code":{},"retryable":false}}"#, json::quote(message), json::quote(code));
        Failure { code: code.to_string(), message: message.to_string(), envelope }
    }
}

/// What `json.rs` says of an input or a state that does not fit.
impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::new("INVALID_INPUT", &message)
    }
}

/// The library that is worked for: what an operation or a job is given to call the host with.
pub struct Host {
    /// Its UUID; None where an operation was called without a library.
    pub library_id: Option<String>,
    library: Option<[u8; 16]>,
}

impl Host {
    /// Calls an operation and answers its output. Both sides are JSON.
    pub fn call(&self, method: &str, payload: &str) -> Result<String, Failure> {
        let library = self.library.as_ref().map_or(std::ptr::null(), |id| id.as_ptr());
        let answer = unsafe {
            let block = host::spacedrive_call(method.as_ptr(), method.len(), library, payload.as_ptr(), payload.len());
            take_block(block)
        };
        // No output has a top-level `error`. An output that is no object has no fields at all.
        match json::text(&answer, "error") {
            Ok(Some(message)) => {
                let code = json::text(&answer, "code").ok().flatten().unwrap_or_default();
                Err(Failure { code, message, envelope: answer })
            }
            _ => Ok(answer),
        }
    }
}

/// A job that runs.
pub struct Job {
    pub host: Host,
    id: [u8; 16],
}

/// How a job ends that has not failed.
pub enum Outcome {
    /// With its result, as JSON.
    Completed(String),
    /// It saw an interrupt and has checkpointed: it is called again with that state.
    Interrupted,
}

impl Job {
    /// Whether it shall stop: then checkpoint, and answer `Outcome::Interrupted`. Costs nanoseconds.
    pub fn is_interrupted(&self) -> bool {
        unsafe { host::job_check_interrupt(self.id.as_ptr()) != 0 }
    }

    /// Returns once the state, JSON, is on the disk.
    pub fn checkpoint(&self, state: &str) -> Result<(), Failure> {
        match unsafe { host::job_checkpoint(self.id.as_ptr(), state.as_ptr(), state.len()) } {
            0 => Ok(()),
            _ => Err(Failure::new("OPERATION_FAILED", "The checkpoint was refused: the host's log says why.")),
        }
    }

    /// `fraction` is 0.0 to 1.0.
    pub fn progress(&self, fraction: f32, message: &str) {
        unsafe { host::job_report_progress(self.id.as_ptr(), fraction, message.as_ptr(), message.len()) }
    }

    pub fn warn(&self, message: &str) {
        unsafe { host::job_add_warning(self.id.as_ptr(), message.as_ptr(), message.len()) }
    }

    pub fn add_items(&self, count: u64) {
        unsafe { host::job_increment_items(self.id.as_ptr(), count) }
    }

    pub fn add_bytes(&self, count: u64) {
        unsafe { host::job_increment_bytes(self.id.as_ptr(), count) }
    }
}

#[derive(Clone, Copy)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// Writes a line to the host's log.
pub fn log(level: Level, message: &str) {
    unsafe { host::spacedrive_log(level as u32, message.as_ptr(), message.len()) }
}

#[derive(Clone, Copy)]
pub enum Kind {
    Query,
    Action,
}

/// In `plugin_init`; false: refused.
pub fn register_operation(kind: Kind, name: &str, export: &str) -> bool {
    let (name_length, length) = (name.len(), export.len());
    unsafe { host::register_operation(kind as u32, name.as_ptr(), name_length, export.as_ptr(), length) == 0 }
}

/// In `plugin_init`; false: refused.
pub fn register_job(name: &str, export: &str, resumable: bool) -> bool {
    let (name_length, length) = (name.len(), export.len());
    unsafe { host::register_job(name.as_ptr(), name_length, export.as_ptr(), length, resumable as u32) == 0 }
}

/// Writes what a panic says to the host's log; without it a panic is a bare trap.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
}

/// Makes an export of a function `fn(&Host, input: &str) -> Result<String, Failure>`.
macro_rules! export_operation {
    ($export:ident, $function:path) => {
        #[no_mangle]
        pub unsafe extern "C" fn $export(context: *const u8, context_length: usize, input: *const u8, length: usize) -> *mut u8 {
            $crate::spacedrive::answer_operation((context, context_length), (input, length), $function)
        }
    };
}

/// Makes an export of a function `fn(&Job, state: &str) -> Result<Outcome, Failure>`. `state` is empty where there is none.
macro_rules! export_job {
    ($export:ident, $function:path) => {
        #[no_mangle]
        pub unsafe extern "C" fn $export(context: *const u8, context_length: usize, state: *const u8, length: usize) -> i32 {
            $crate::spacedrive::run_job((context, context_length), (state, length), $function)
        }
    };
}

pub unsafe fn answer_operation(
    context: (*const u8, usize), input: (*const u8, usize), function: fn(&Host, &str) -> Result<String, Failure>,
) -> *mut u8 {
    let answer = host_of(borrow(context)).and_then(|host| function(&host, borrow(input)));
    give_block(&answer.unwrap_or_else(|failure| failure.envelope))
}

pub unsafe fn run_job(
    context: (*const u8, usize), state: (*const u8, usize), function: fn(&Job, &str) -> Result<Outcome, Failure>,
) -> i32 {
    let id = match uuid_of(borrow(context), "job_id") {
        Ok(Some(id)) => id,
        _ => return 2, // without its id a job cannot even say why
    };
    let outcome = host_of(borrow(context)).and_then(|host| function(&Job { host, id }, borrow(state)));
    let stopped = || host::job_check_interrupt(id.as_ptr()) != 0;
    match outcome {
        Ok(Outcome::Completed(result)) => {
            host::job_complete(id.as_ptr(), result.as_ptr(), result.len());
            0
        }
        Ok(Outcome::Interrupted) => 1,
        // A call that was cut short since the job shall stop: it is called again with its last checkpoint.
        Err(failure) if failure.code == "CANCELLED" && stopped() => 1,
        Err(Failure { code, message, .. }) => {
            let reason = format!("{code}: {message}");
            host::job_fail(id.as_ptr(), reason.as_ptr(), reason.len());
            2
        }
    }
}

fn host_of(context: &str) -> Result<Host, Failure> {
    Ok(Host { library_id: json::text(context, "library_id")?, library: uuid_of(context, "library_id")? })
}

/// A UUID of the context, as the 16 bytes that the host takes.
fn uuid_of(context: &str, name: &str) -> Result<Option<[u8; 16]>, String> {
    let text = match json::text(context, name)? {
        None => return Ok(None),
        Some(text) => text.replace('-', ""),
    };
    match u128::from_str_radix(&text, 16) {
        Ok(number) if text.len() == 32 => Ok(Some(number.to_be_bytes())),
        _ => Err(format!("\"{name}\" must be a UUID")),
    }
}

/// What the host lends for the time of a call. It is UTF-8, and its pointer is never null.
unsafe fn borrow<'a>((pointer, length): (*const u8, usize)) -> &'a str {
    std::str::from_utf8(std::slice::from_raw_parts(pointer, length)).expect("the host sends UTF-8")
}

/// Takes the text out of a block that the host made, and frees it. After a 0 there is no memory left: a trap is right.
unsafe fn take_block(block: *mut u8) -> String {
    assert!(!block.is_null(), "no memory for the host's answer");
    let length = block.cast::<u32>().read_unaligned() as usize;
    let text = borrow((block.add(4), length)).to_string();
    wasm_free(block, 4 + length);
    text
}

/// Makes a block, which the host frees.
unsafe fn give_block(text: &str) -> *mut u8 {
    let block = wasm_alloc(4 + text.len());
    assert!(!block.is_null(), "no memory for the answer");
    block.cast::<u32>().write_unaligned(text.len() as u32);
    block.add(4).copy_from_nonoverlapping(text.as_ptr(), text.len());
    block
}

#[no_mangle]
pub extern "C" fn wasm_alloc(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 8) {
        Ok(layout) => unsafe { std::alloc::alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

/// # Safety
/// The host, or `take_block`: with what `wasm_alloc` answered, and its size.
#[no_mangle]
pub unsafe extern "C" fn wasm_free(pointer: *mut u8, size: usize) {
    std::alloc::dealloc(pointer, Layout::from_size_align_unchecked(size.max(1), 8));
}
