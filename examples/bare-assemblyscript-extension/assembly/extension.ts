// What the host calls: a query and a job, each an export that it finds by the name that it is registered with.

import { readFields, textOf } from "@spacedrive/example-assemblyscript-guest/assembly/json";
import { count, greet } from "@spacedrive/example-assemblyscript-guest/assembly/work";
import { AbiHost, blockOf, registerJob, registerQuery, textAt } from "./abi-host";

// The host asks these for memory, whatever else there is.
export { wasm_alloc, wasm_free } from "./abi-host";

/** Runs in every instance, before anything else is called; 0 is success. */
export function plugin_init(): i32 {
  return registerQuery("greet.v1", "query_greet_v1") && registerJob("count", "execute_count") ? 0 : 1;
}

export function query_greet_v1(context: usize, contextLength: i32, input: usize, inputLength: i32): usize {
  const library = textOf(readFields(textAt(context, contextLength)), "library_id");
  return blockOf(greet(new AbiHost(null), library, textAt(input, inputLength)));
}

export function execute_count(context: usize, contextLength: i32, state: usize, stateLength: i32): i32 {
  const ids = readFields(textAt(context, contextLength));
  const host = new AbiHost(textOf(ids, "job_id"));
  return count(host, textOf(ids, "library_id"), textAt(state, stateLength));
}
