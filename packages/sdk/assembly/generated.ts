/** What the code that the transform writes refers to. Not for authors. */
export { JsonReader } from "./json/reader";
export { JsonWriter } from "./json/writer";
export { readJson, writeJson } from "./json/codec";
export { JobRun, startJob } from "./guest/job-run";
export { OperationRun, refused, startOperation } from "./guest/operation-run";
export { hookCode, registerJob, registerOperation } from "./guest/registration";
export { spacedrive_abi_version, wasm_alloc, wasm_free } from "./guest/memory";
export { abort } from "./guest/abort";
export { currentContext } from "./extension-context";
export { doneWithout } from "./result";
