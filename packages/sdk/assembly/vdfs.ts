import { codes } from "./failure";
import { writeJson } from "./json/codec";
import { JsonValue, parseAt } from "./json/value";
import { JsonWriter } from "./json/writer";
import { Result } from "./result";
import { Uuid } from "./uuid";
import { callWith } from "./wire";

/** Files are fetched in parts of this size. */
const PART_BYTES: u64 = 1048576;

/** A thing in a library: a file, a directory, or what an extension has made. */
@json
export class Entry {
  id!: Uuid;
  name!: string;
  path!: string;
  /** `file`, `directory`, or a type of an extension's own. */
  entry_type!: string;
  location_id: Uuid | null = null;
  /** Of a file, in bytes. */
  size: u64 = 0;
  /** What extensions have noted about it: `metadata.get("words")`, or `metadata.as<MyClass>()`. */
  metadata: JsonValue = new JsonValue();
}

/** What `createEntry` makes an entry of. */
@json
export class NewEntry {
  name!: string;
  path!: string;
  entry_type!: string;
  metadata: JsonValue | null = null;
}

/** Which entries to list. What is null is not asked for. */
@json
export class EntryFilter {
  location_id: Uuid | null = null;
  entry_type: string | null = null;
  /** Only what lies below this path. */
  under: string | null = null;
  /** Path of the last entry of the page before, and its id where no location is asked for. */
  after: string | null = null;
  after_id: Uuid | null = null;
  limit: u32 = 1000;
}

/** A part of a file. */
@json
export class FilePart {
  data!: Uint8Array;
  /** Of the whole file, in bytes. */
  size!: u64;
}

@json
class Content {
  data!: Uint8Array;
}

/** The files, sidecars and metadata of a library. */
@final
export class VdfsClient {
  constructor(private readonly libraryId: Uuid | null) {}

  createEntry(entry: NewEntry): Result<Entry> {
    const input = JsonWriter.open();
    writeJson<NewEntry>(input, entry);
    return callWith<Entry>(this.libraryId, "action:vdfs.create_entry.input.v1", input);
  }

  getEntry(entryId: Uuid): Result<Entry> {
    return callWith<Entry>(this.libraryId, "query:vdfs.get_entry.v1", about("entry_id", entryId));
  }

  /** All entries of a location; fails with `REPLY_TOO_LARGE` where there are more than 50,000: then ask for pages. */
  listEntries(locationId: Uuid): Result<Entry[]> {
    return callWith<Entry[]>(this.libraryId, "query:vdfs.list_entries.v1", about("location_id", locationId));
  }

  /** One page of entries, ordered by path and then by id: the next one is `after` its last path. An empty one is the last. */
  listPage(filter: EntryFilter): Result<Entry[]> {
    const input = JsonWriter.open();
    writeJson<EntryFilter>(input, filter);
    return callWith<Entry[]>(this.libraryId, "query:vdfs.list_entries.v1", input);
  }

  /** Merges the fields of an object (a @json class, a Map or a JsonValue) into the entry's metadata. */
  updateMetadata<T>(entryId: Uuid, metadata: T): Result<void> {
    const input = open("entry_id", entryId);
    input.plainKey('"metadata":');
    writeJson<T>(input, metadata);
    input.endObject();
    return callWith<void>(this.libraryId, "action:vdfs.update_metadata.input.v1", input);
  }

  /** Writes (or replaces) the file `filename` beside an entry. */
  writeSidecar(entryId: Uuid, filename: string, data: Uint8Array): Result<void> {
    const input = openFile(entryId, filename);
    input.plainKey('"data":');
    input.writeBytes(data);
    input.endObject();
    return callWith<void>(this.libraryId, "action:vdfs.write_sidecar.input.v1", input);
  }

  /** The same with the JSON of a value. */
  writeJsonSidecar<T>(entryId: Uuid, filename: string, value: T): Result<void> {
    const json = JsonWriter.open();
    writeJson<T>(json, value);
    const bytes = Uint8Array.wrap(json.bytes());
    const fault = json.failed ? json.message() : null;
    json.close();
    if (fault !== null) return Result.fail<void>(codes.INVALID_INPUT, "the sidecar `" + filename + "`: " + fault);
    return this.writeSidecar(entryId, filename, bytes);
  }

  readSidecar(entryId: Uuid, filename: string): Result<Uint8Array> {
    const input = openFile(entryId, filename);
    input.endObject();
    const content = callWith<Content>(this.libraryId, "query:vdfs.read_sidecar.v1", input);
    if (content.failed) return content.failureOf<Uint8Array>();
    return Result.ok<Uint8Array>(content.value.data);
  }

  /** The value whose JSON a sidecar holds. */
  readJsonSidecar<T>(entryId: Uuid, filename: string): Result<T> {
    const content = this.readSidecar(entryId, filename);
    if (content.failed) return new Result<T>(content.error);
    return parseAt<T>(content.value.dataStart, content.value.length);
  }

  /** The bytes of a file from `offset` on, at most `length`. */
  readFilePart(entryId: Uuid, offset: u64, length: u64): Result<FilePart> {
    const input = open("entry_id", entryId);
    input.plainKey('"offset":');
    input.writeU64(offset);
    input.plainKey('"length":');
    input.writeU64(length);
    input.endObject();
    return callWith<FilePart>(this.libraryId, "query:vdfs.read_file.v1", input);
  }

  /** The bytes of a file. Fails with `PAYLOAD_TOO_LARGE`, before it reads on, where there are more than `maxBytes`. */
  readFile(entryId: Uuid, maxBytes: u64 = 67108864): Result<Uint8Array> {
    let whole = new Uint8Array(0);
    let read: u64 = 0;
    do {
      const part = this.readFilePart(entryId, read, PART_BYTES);
      if (part.failed) return part.failureOf<Uint8Array>();
      const size = part.value.size;
      const data = part.value.data;
      if (size > maxBytes) {
        return Result.fail<Uint8Array>(codes.PAYLOAD_TOO_LARGE, "the file has " + size.toString() + " bytes, more than the " + maxBytes.toString() + " that were asked for");
      }
      if (read == 0 && <u64>data.length >= size) return Result.ok<Uint8Array>(data);
      // A file that shrinks while it is read ends where it now ends.
      if (data.length == 0) break;
      if (read == 0) whole = new Uint8Array(<i32>size);
      const room = <i32>min<u64>(data.length, <u64>whole.length - read);
      memory.copy(whole.dataStart + <usize>read, data.dataStart, room);
      read += room;
    } while (read < <u64>whole.length);
    return Result.ok<Uint8Array>(read == <u64>whole.length ? whole : whole.slice(0, <i32>read));
  }
}

function about(key: string, id: Uuid): JsonWriter {
  const input = open(key, id);
  input.endObject();
  return input;
}

function open(key: string, id: Uuid): JsonWriter {
  const input = JsonWriter.open();
  input.beginObject();
  input.key(key);
  writeJson<Uuid>(input, id);
  return input;
}

function openFile(entryId: Uuid, filename: string): JsonWriter {
  const input = open("entry_id", entryId);
  input.plainKey('"filename":');
  input.writeString(filename);
  return input;
}
