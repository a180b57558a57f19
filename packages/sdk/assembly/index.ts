// The transform writes code that needs these, and must see them when it starts.
import "./generated";

export { base64 } from "./base64";
export { now } from "./clock";
export { LibraryEvent } from "./events";
export { currentContext, ExtensionContext } from "./extension-context";
export { codes, Failure } from "./failure";
export { JobContext } from "./job-context";
export { JobClient, JobInfo } from "./jobs";
export { Json, JsonKind, JsonValue } from "./json/value";
export { log } from "./log";
export { random, randomBytes } from "./random";
export { done, fail, orReturn, Result } from "./result";
export { text } from "./text";
export { Uuid } from "./uuid";
export { Entry, EntryFilter, FilePart, NewEntry, VdfsClient } from "./vdfs";
export { callOperation } from "./wire";
