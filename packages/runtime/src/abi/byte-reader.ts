/** Thrown by {@link ByteReader} only: the bytes are not what the format says. Turned into `MODULE_INVALID` by the reader of modules. */
export class MalformedBytes extends Error {}

/** Reads the primitives of the wasm binary format. Never reads past `end`, whatever the bytes claim. */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    const value = this.offset < this.end ? this.bytes[this.offset] : undefined;
    if (value === undefined) throw new MalformedBytes(`it ends at byte ${this.offset}, in the middle of a section`);
    this.offset++;
    return value;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedBytes(`the number at byte ${this.offset} has more than 32 bits`);
  }

  /** Signed LEB128 of at most 32 bits. */
  s32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 28 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    }
    throw new MalformedBytes(`the number at byte ${this.offset} has more than 32 bits`);
  }

  /** Goes past a signed LEB128 of at most 33 bits. */
  skipS33(): void {
    for (let i = 0; i < 5; i++) if (this.byte() < 0x80) return;
    throw new MalformedBytes(`the number at byte ${this.offset} has more than 33 bits`);
  }

  /** Goes past a LEB128 of at most 64 bits. */
  skipNumber(): void {
    for (let i = 0; i < 10; i++) if (this.byte() < 0x80) return;
    throw new MalformedBytes(`the number at byte ${this.offset} has more than 64 bits`);
  }

  skip(length: number): void {
    if (length > this.end - this.offset) {
      throw new MalformedBytes(
        `${length} bytes are announced at byte ${this.offset} and ${this.end - this.offset} are left`,
      );
    }
    this.offset += length;
  }

  /** A part of the next `length` bytes, of which this reader goes past the end. */
  part(length: number): ByteReader {
    const start = this.offset;
    this.skip(length);
    return new ByteReader(this.bytes, start, this.offset);
  }

  /** A vector's length. Each item takes a byte or more, so a lying count fails here and costs no memory. */
  count(what: string, most: number): number {
    const count = this.u32();
    if (count > most) throw new MalformedBytes(`it has ${count} ${what} and at most ${most} are allowed`);
    if (count > this.end - this.offset)
      throw new MalformedBytes(`it announces ${count} ${what} and is too short for them`);
    return count;
  }

  /** A name: length, then UTF-8. */
  name(): string {
    const length = this.u32();
    if (length > MAX_NAME_BYTES)
      throw new MalformedBytes(`the name at byte ${this.offset} is longer than ${MAX_NAME_BYTES} bytes`);
    const start = this.offset;
    this.skip(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString("utf8");
  }
}

const MAX_NAME_BYTES = 4096;
