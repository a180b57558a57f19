import { spacedrive_call } from "./env";
import { codes, Failure } from "./failure";
import { firstText } from "./guest/text-buffer";
import { writeJson } from "./json/codec";
import { JsonReader } from "./json/reader";
import { JsonValue, parseAt } from "./json/value";
import { JsonWriter } from "./json/writer";
import { Result } from "./result";
import { Uuid } from "./uuid";

/** Calls an operation. `libraryId` null: the library that this instance works for, or none. */
export function callOperation<I, O>(libraryId: Uuid | null, method: string, input: I): Result<O> {
  const writer = JsonWriter.open();
  writeJson<I>(writer, input);
  return callWith<O>(libraryId, method, writer);
}

/** The same with an input that the caller has written; frees the writer. */
export function callWith<O>(libraryId: Uuid | null, method: string, writer: JsonWriter): Result<O> {
  const failure = exchange(libraryId, method, writer);
  if (failure !== null) return new Result<O>(failure);
  const block = reply;
  if (isVoid<O>()) {
    heap.free(block);
    return new Result<O>(null);
  } else {
    const result = parseAt<O>(block + 4, load<i32>(block));
    heap.free(block);
    return result.failed ? new Result<O>(misread(method, result.error)) : result;
  }
}

/** The block of the last `exchange` that gave null; the caller frees it. */
let reply: usize = 0;

/** One call, as far as it is the same for all types. Gives the host's failure, else the reply is in `reply`. */
function exchange(libraryId: Uuid | null, method: string, writer: JsonWriter): Failure | null {
  if (writer.failed) {
    const fault = new Failure(codes.INVALID_INPUT, "the input of `" + method + "`: " + writer.message());
    writer.close();
    return fault;
  }
  firstText.set(method);
  // A UUID object is its own 16 bytes.
  const block = spacedrive_call(firstText.pointer, firstText.length, changetype<usize>(libraryId), writer.pointer, writer.length);
  writer.close();
  // The call may have had its effect all the same, so this is no failure that an author could handle.
  if (block == 0) throw new Error("the host could not hand over the reply of `" + method + "`");
  reply = block;
  const failure = readFailure(block + 4, load<i32>(block));
  if (failure !== null) heap.free(block);
  return failure;
}

function misread(method: string, fault: Failure): Failure {
  return new Failure(codes.OPERATION_FAILED, "the reply of `" + method + "` is not of the expected type: " + fault.message);
}

/** What the error envelope of the host says; null where the reply is none. No output has a top-level `error` field. */
function readFailure(pointer: usize, length: i32): Failure | null {
  const reader = JsonReader.open(pointer, length);
  const failure = reader.peek() == 0x7b ? readEnvelope(reader) : null;
  reader.close();
  // The details are the whole envelope: whatever else the host put into it.
  return failure === null ? null : new Failure(failure.code, failure.message, failure.retryable, JsonValue.ofChecked(pointer, length));
}

function readEnvelope(reader: JsonReader): Failure | null {
  let message: string | null = null;
  let code = codes.OPERATION_FAILED;
  let retryable = false;
  reader.beginObject();
  while (reader.nextKey()) {
    const next = reader.peek();
    if (next == 0x22 && reader.keyIs("error")) message = reader.readString();
    else if (next == 0x22 && reader.keyIs("code")) code = reader.readString();
    else if (next == 0x74 && reader.keyIs("retryable")) retryable = reader.readBool();
    else reader.skipValue();
  }
  return message === null || !reader.finish() ? null : new Failure(code, message, retryable);
}

/** The error envelope of a failure, as JSON. */
export function writeFailure(writer: JsonWriter, failure: Failure): void {
  writer.reset();
  writer.beginObject();
  writer.plainKey('"error":');
  writer.writeString(failure.message);
  writer.plainKey('"code":');
  writer.writeString(failure.code);
  writer.plainKey('"retryable":');
  writer.writeBool(failure.retryable);
  writer.endObject();
}
