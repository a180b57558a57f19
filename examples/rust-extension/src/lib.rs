//! An extension in Rust, without an SDK: a query that calls the host, and a job that can be paused and killed anywhere.

mod json;
#[macro_use]
mod spacedrive;

use spacedrive::{Failure, Host, Job, Kind, Outcome};

export_operation!(query_greet_v1, greet);
export_job!(execute_count, count);

/// The host calls it in each instance that it makes.
#[no_mangle]
pub extern "C" fn plugin_init() -> i32 {
    spacedrive::log_panics();
    let registered = spacedrive::register_operation(Kind::Query, "greet.v1", "query_greet_v1")
        && spacedrive::register_job("count", "execute_count", true);
    i32::from(!registered)
}

/// `{name}`: asks the host's `test.ping`, and answers what it said.
fn greet(host: &Host, input: &str) -> Result<String, Failure> {
    let name = json::text(input, "name")?.ok_or_else(|| "\"name\" is missing".to_string())?;
    let payload = format!(r#"{{"message":{}}}"#, json::quote(&format!("Hello, {name}!")));
    // `?` answers a failure as it came: a caller without the grant is told PERMISSION_DENIED.
    let pong = host.call("query:test.ping.v1", &payload)?;
    let greeting = json::text(&pong, "echo")?.unwrap_or_default();
    let library_id = host.library_id.as_deref().map_or("null".to_string(), json::quote);
    Ok(format!(r#"{{"greeting":{},"library_id":{library_id}}}"#, json::quote(&greeting)))
}

/// All that a resume needs. Its first value are the parameters that the job was dispatched with.
struct Count {
    current: u64,
    target: u64,
}

impl Count {
    fn read(state: &str) -> Result<Count, String> {
        Ok(Count {
            current: json::whole_number(state, "current")?.unwrap_or(0),
            target: json::whole_number(state, "target")?.ok_or("\"target\" is missing")?,
        })
    }

    fn write(&self) -> String {
        format!(r#"{{"current":{},"target":{}}}"#, self.current, self.target)
    }
}

/// Counts to the target; every tenth number becomes an entry of the library, and is a checkpoint.
fn count(job: &Job, state: &str) -> Result<Outcome, Failure> {
    let mut state = Count::read(state)?;
    while state.current < state.target {
        if job.is_interrupted() {
            job.checkpoint(&state.write())?;
            return Ok(Outcome::Interrupted);
        }
        if state.current == 0 {
            job.warn(&format!("Counting to {}", state.target));
        }
        state.current += 1;
        job.progress(
            state.current as f32 / state.target as f32,
            &format!("Counted {}/{}", state.current, state.target),
        );
        job.add_items(1);
        if state.current % 10 == 0 {
            // However often the host is killed between here and the checkpoint, this entry is made once.
            let entry = format!(r#"{{"name":"{0}","path":"count/{0}","entry_type":"number"}}"#, state.current);
            job.host.call("action:vdfs.create_entry.input.v1", &entry)?;
            job.checkpoint(&state.write())?;
        }
    }
    Ok(Outcome::Completed(format!(r#"{{"counted":{}}}"#, state.current)))
}
