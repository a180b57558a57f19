import { writeJson } from "./json/codec";
import { JsonValue } from "./json/value";
import { JsonWriter } from "./json/writer";
import { Result } from "./result";
import { Uuid } from "./uuid";
import { callWith } from "./wire";

/** The last event of a name. */
@json
export class LibraryEvent {
  /** Counts the events of this name; 0: there was none yet. */
  number!: u64;
  /** What was told with it: `event.payload.as<T>()`. JSON null where nothing was. */
  payload: JsonValue = new JsonValue();
  /** In milliseconds since the epoch. */
  at_unix_ms: u64 = 0;
}

@json
class Emitted {
  number!: u64;
}

export function emitEvent<P>(libraryId: Uuid | null, name: string, payload: P): Result<u64> {
  const input = named(name);
  input.plainKey('"payload":');
  writeJson<P>(input, payload);
  input.endObject();
  const emitted = callWith<Emitted>(libraryId, "action:jobs.emit_event.input.v1", input);
  if (emitted.failed) return emitted.failureOf<u64>();
  return Result.ok<u64>(emitted.value.number);
}

export function lastEvent(libraryId: Uuid | null, name: string): Result<LibraryEvent> {
  const input = named(name);
  input.endObject();
  return callWith<LibraryEvent>(libraryId, "query:jobs.last_event.v1", input);
}

function named(name: string): JsonWriter {
  const input = JsonWriter.open();
  input.beginObject();
  input.plainKey('"name":');
  input.writeString(name);
  return input;
}
