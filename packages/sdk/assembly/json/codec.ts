import { JsonReader } from "./reader";
import { JsonWriter } from "./writer";

/**
 * Reads a value of type T. The compiler picks the branch, so that the transform need not know types: a class brings
 * `__json_read` and `__json_write`, which the transform writes into every @json class.
 */
export function readJson<T>(reader: JsonReader): T {
  if (isBoolean<T>()) {
    return <T>reader.readBool();
  } else if (isInteger<T>()) {
    return <T>reader.readInteger(isSigned<T>(), sizeof<T>() * 8);
  } else if (isFloat<T>()) {
    return <T>reader.readF64();
  } else {
    if (isNullable<T>()) {
      if (reader.takeNull()) return changetype<T>(0);
    }
    return changetype<T>(readReference<nonnull<T>>(reader));
  }
}

function readReference<T>(reader: JsonReader): T {
  if (isString<T>()) {
    return changetype<T>(reader.readString());
  } else if (idof<T>() == idof<Uint8Array>()) {
    return changetype<T>(reader.readBytes());
  } else if (isArray<T>()) {
    const items = instantiate<T>();
    if (reader.beginArray()) {
      while (reader.nextItem()) {
        const item = readJson<valueof<T>>(reader);
        if (!reader.failed) items.push(item);
      }
    }
    return items;
  } else {
    const value = instantiate<T>();
    if (value instanceof Map) {
      readMap(reader, value);
    } else {
      value.__json_read(reader);
    }
    return value;
  }
}

function readMap<K, V>(reader: JsonReader, map: Map<K, V>): void {
  if (!reader.beginObject()) return;
  while (reader.nextKey()) {
    const key = reader.key();
    const value = readJson<V>(reader);
    if (!reader.failed) map.set(changetype<K>(key), value);
  }
}

/** Writes a value of type T. */
export function writeJson<T>(writer: JsonWriter, value: T): void {
  if (isBoolean<T>()) {
    writer.writeBool(<bool>value);
  } else if (isInteger<T>()) {
    if (isSigned<T>()) writer.writeI64(<i64>value);
    else writer.writeU64(<u64>value);
  } else if (isFloat<T>()) {
    writer.writeF64(<f64>value);
  } else {
    if (isNullable<T>()) {
      if (value === null) {
        writer.writeNull();
        return;
      }
    }
    writeReference<nonnull<T>>(writer, changetype<nonnull<T>>(value));
  }
}

function writeReference<T>(writer: JsonWriter, value: T): void {
  if (isString<T>()) {
    writer.writeString(changetype<string>(value));
  } else if (idof<T>() == idof<Uint8Array>()) {
    writer.writeBytes(changetype<Uint8Array>(value));
  } else if (isArray<T>()) {
    if (!writer.beginArray()) return;
    for (let i = 0; i < value.length; i++) {
      writer.item();
      writeJson<valueof<T>>(writer, value[i]);
    }
    writer.endArray();
  } else if (value instanceof Map) {
    writeMap(writer, value);
  } else {
    value.__json_write(writer);
  }
}

function writeMap<K, V>(writer: JsonWriter, map: Map<K, V>): void {
  if (!writer.beginObject()) return;
  const keys = map.keys();
  for (let i = 0; i < keys.length; i++) {
    writer.key(changetype<string>(keys[i]));
    writeJson<V>(writer, map.get(keys[i]));
  }
  writer.endObject();
}
