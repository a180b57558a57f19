import { codes } from "./failure";
import { JsonReader } from "./json/reader";
import { hexValue } from "./json/strings";
import { JsonWriter } from "./json/writer";
import { randomBytes } from "./random";
import { Result } from "./result";

/** The id of a library, an entry, a location or a job. In JSON it is text. */
@final
export class Uuid {
  // The object's own memory is the 16 bytes that host functions take.
  private first: u64 = 0;
  private second: u64 = 0;

  /** Fails with `INVALID_INPUT` where `text` is not a UUID with hyphens. */
  static parse(text: string): Result<Uuid> {
    const uuid = new Uuid();
    if (!uuid.set(text)) return Result.fail<Uuid>(codes.INVALID_INPUT, "`" + text + "` is not a UUID");
    return Result.ok<Uuid>(uuid);
  }

  /** A new random UUID (version 4), from the host's randomness. */
  static random(): Result<Uuid> {
    const random = randomBytes(16);
    if (random.failed) return random.failureOf<Uuid>();
    const bytes = random.value;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const uuid = new Uuid();
    memory.copy(uuid.pointer, bytes.dataStart, 16);
    return Result.ok<Uuid>(uuid);
  }

  get isNil(): bool {
    return this.first == 0 && this.second == 0;
  }

  // No operator `==`: with one, `id === null` would no longer tell the compiler that an id is there.
  equals(other: Uuid): bool {
    return this.first == other.first && this.second == other.second;
  }

  get pointer(): usize {
    return changetype<usize>(this);
  }

  toString(): string {
    const text = new StaticArray<u8>(36);
    let out = 0;
    for (let i: usize = 0; i < 16; i++) {
      const byte = load<u8>(this.pointer + i);
      if (i == 4 || i == 6 || i == 8 || i == 10) text[out++] = 0x2d;
      text[out++] = hexDigit(byte >> 4);
      text[out++] = hexDigit(byte & 15);
    }
    return String.UTF8.decodeUnsafe(changetype<usize>(text), 36);
  }

  private set(text: string): bool {
    if (text.length != 36) return false;
    let at = 0;
    for (let i: usize = 0; i < 16; i++) {
      if ((i == 4 || i == 6 || i == 8 || i == 10) && text.charCodeAt(at++) != 0x2d) return false;
      const high = hexValue(text.charCodeAt(at++));
      const low = hexValue(text.charCodeAt(at++));
      if (high > 15 || low > 15) return false;
      store<u8>(this.pointer + i, <u8>((high << 4) | low));
    }
    return true;
  }

  __json_read(reader: JsonReader): void {
    const text = reader.readString();
    if (!reader.failed && !this.set(text)) reader.fail("expected a UUID");
  }

  __json_write(writer: JsonWriter): void {
    writer.writeString(this.toString());
  }
}

function hexDigit(value: u8): u8 {
  return value < 10 ? 0x30 + value : 87 + value;
}
