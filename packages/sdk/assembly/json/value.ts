import { codes, Failure } from "../failure";
import { Result } from "../result";
import { readJson, writeJson } from "./codec";
import { JsonReader } from "./reader";
import { JsonWriter } from "./writer";

/** What a JSON value is. */
export enum JsonKind {
  Null,
  Bool,
  Number,
  String,
  Array,
  Object,
}

/**
 * Any JSON value, kept as text until somebody asks: for metadata and other objects whose shape the author does not
 * fix. As a field of a @json class it takes whatever is there.
 */
@final
export class JsonValue {
  /** Checked JSON, as UTF-8. */
  private utf8: ArrayBuffer = String.UTF8.encode("null");

  /** Of text that has been checked. */
  static ofChecked(pointer: usize, length: usize): JsonValue {
    const json = new JsonValue();
    json.copy(pointer, length);
    return json;
  }

  /** Fails with `INVALID_INPUT`, naming the place. */
  static parse(text: string): Result<JsonValue> {
    return parseBytes<JsonValue>(String.UTF8.encode(text));
  }

  /** The JSON of a value of any type that JSON can carry. */
  static from<T>(value: T): Result<JsonValue> {
    const writer = JsonWriter.open();
    writeJson<T>(writer, value);
    const result = writer.failed ? Result.fail<JsonValue>(codes.INVALID_INPUT, writer.message()) : Result.ok<JsonValue>(JsonValue.ofChecked(writer.pointer, writer.length));
    writer.close();
    return result;
  }

  get kind(): JsonKind {
    switch (load<u8>(changetype<usize>(this.utf8))) {
      case 0x7b: return JsonKind.Object;
      case 0x5b: return JsonKind.Array;
      case 0x22: return JsonKind.String;
      case 0x74: case 0x66: return JsonKind.Bool;
      case 0x6e: return JsonKind.Null;
    }
    return JsonKind.Number;
  }

  get isNull(): bool {
    return this.kind == JsonKind.Null;
  }

  /** The value of an object's key (the last one, where it is there twice); null where there is none. */
  get(key: string): JsonValue | null {
    if (this.kind != JsonKind.Object) return null;
    const reader = this.reader();
    let found: JsonValue | null = null;
    reader.beginObject();
    while (reader.nextKey()) {
      if (reader.keyIs(key)) found = readJson<JsonValue>(reader);
      else reader.skipValue();
    }
    reader.close();
    return found;
  }

  /** An array's item; null where there is none. */
  at(index: i32): JsonValue | null {
    if (this.kind != JsonKind.Array) return null;
    const reader = this.reader();
    let found: JsonValue | null = null;
    reader.beginArray();
    for (let i = 0; reader.nextItem(); i++) {
      if (i == index) {
        found = readJson<JsonValue>(reader);
        break;
      }
      reader.skipValue();
    }
    reader.close();
    return found;
  }

  /** The keys of an object, in the order of the text; of anything else, none. */
  keys(): string[] {
    const keys: string[] = [];
    if (this.kind != JsonKind.Object) return keys;
    const reader = this.reader();
    reader.beginObject();
    while (reader.nextKey()) {
      keys.push(reader.key());
      reader.skipValue();
    }
    reader.close();
    return keys;
  }

  /** How many items or keys there are; 0 for anything but an array or object. */
  get length(): i32 {
    if (this.kind == JsonKind.Object) return this.keys().length;
    if (this.kind != JsonKind.Array) return 0;
    const reader = this.reader();
    let count = 0;
    reader.beginArray();
    for (; reader.nextItem(); count++) reader.skipValue();
    reader.close();
    return count;
  }

  /** The value as a type that JSON can carry. Fails with `INVALID_INPUT`, naming the place. */
  as<T>(): Result<T> {
    return parseBytes<T>(this.utf8);
  }

  /** The JSON text. */
  toString(): string {
    return String.UTF8.decode(this.utf8);
  }

  private reader(): JsonReader {
    return JsonReader.open(changetype<usize>(this.utf8), this.utf8.byteLength);
  }

  __json_read(reader: JsonReader): void {
    const from = reader.position();
    reader.skipValue();
    if (reader.failed) return;
    this.copy(from, reader.consumed() - from);
  }

  private copy(pointer: usize, length: usize): void {
    const copy = new ArrayBuffer(<i32>length);
    memory.copy(changetype<usize>(copy), pointer, length);
    this.utf8 = copy;
  }

  __json_write(writer: JsonWriter): void {
    writer.writeRaw(changetype<usize>(this.utf8), this.utf8.byteLength);
  }
}

/** JSON text to and from values of any type that JSON can carry: numbers, strings, arrays, maps, @json classes. */
export namespace Json {
  /** Fails with `INVALID_INPUT`, naming the place: `items[3].size: expected a number, found a string`. */
  export function parse<T>(text: string): Result<T> {
    return parseBytes<T>(String.UTF8.encode(text));
  }

  /** Fails with `INVALID_INPUT` for what JSON cannot carry: NaN, a required field that was never set, a cycle. */
  export function stringify<T>(value: T): Result<string> {
    const writer = JsonWriter.open();
    writeJson<T>(writer, value);
    const result = writer.failed ? Result.fail<string>(codes.INVALID_INPUT, writer.message()) : Result.ok<string>(writer.text());
    writer.close();
    return result;
  }
}

function parseBytes<T>(utf8: ArrayBuffer): Result<T> {
  return parseAt<T>(changetype<usize>(utf8), utf8.byteLength);
}

/** Reads the whole of the bytes as one value. */
export function parseAt<T>(pointer: usize, length: i32): Result<T> {
  const reader = JsonReader.open(pointer, length);
  const value = readJson<T>(reader);
  const result = reader.finish() ? Result.ok<T>(value) : new Result<T>(faultOf(reader));
  reader.close();
  return result;
}

// Apart, because every type that is read has a `parseAt` of its own.
function faultOf(reader: JsonReader): Failure {
  return new Failure(codes.INVALID_INPUT, reader.message());
}
