import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
  writevSync,
} from "node:fs";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const COPY_BYTES = 1024 * 1024;

/** With less room than this before its end the file is lengthened. */
const LEAST_ROOM_BYTES = 32 * 1024;
const ZEROS = Buffer.alloc(64 * 1024);
/** The most zeros at once: the commit whose sync brings them to the disk waits for them. */
const MOST_ZEROS_BYTES = 1024 * 1024;

/** Frames up to this long are read whole for what follows them: sooner done than two reads. */
const MOST_LOOK_BYTES = 8 * 1024 + FRAME_HEADER_BYTES;

/** The file's links are counted once in so many times, even where its name stands. */
const COUNT_EVERY = 64;

/** A place in a WAL: in which of its lives, and how many frames from its beginning. */
export interface WalMark {
  readonly generation: number;
  readonly frames: number;
}

/**
 * The `-wal` file beside an open database, for what SQLite does not tell: how far it is filled. The format is fixed
 * (https://www.sqlite.org/fileformat2.html#walformat).
 *
 * It is the same file for as long as any connection to the database is open: a checkpoint restarts or truncates it in
 * place, and only the last connection to close deletes it. So one descriptor, opened after the connection and closed
 * before it, always means the right file, and `fdatasync` of it makes durable whatever any connection wrote there. SQLite
 * keeps no lock on this file: closing the descriptor drops none, which is not true of the database file and of `-shm`.
 */
export class WalFile {
  readonly fd: number;
  readonly #path: string;
  /** Some file systems count no links. */
  readonly #countsLinks: boolean;
  /** Only ever writes at the end of the file. */
  #appending: number | null = null;
  #askedForLinks = 0;
  /** The file's length, of the generation for which it was looked up. */
  #length = 0;
  #lengthOf = -1;
  readonly #bytes = Buffer.alloc(HEADER_BYTES);
  /** Those of the header; each frame repeats them, and every restart changes them, so that leftovers do not count. */
  readonly #salts = Buffer.alloc(8);
  #generation = 0;
  /** A frame and the beginning of the next, as far as their salts. */
  #pair: Buffer | null = null;
  /** 0 while there is no header. */
  #frameBytes = 0;
  #frames = 0;

  /** @param database The database file's real path; its connection must have read it: then the WAL exists. */
  constructor(database: string) {
    this.#path = `${database}-wal`;
    this.fd = openSync(this.#path, "r+");
    this.#countsLinks = fstatSync(this.fd).nlink > 0;
  }

  /** Where it ends now. What a large transaction spilled before it was rolled back may count, until it is overwritten. */
  mark(): WalMark {
    this.#readHeader();
    let known = this.#frames;
    let beyond = known + 1;
    if (this.#endsAfter(beyond)) {
      this.#frames = beyond;
      return { generation: this.#generation, frames: beyond };
    }
    for (let step = 1; this.#hasFrame(beyond); step *= 2) {
      known = beyond;
      beyond += step;
    }
    while (beyond - known > 1) {
      const middle = Math.floor((known + beyond) / 2);
      if (this.#hasFrame(middle)) known = middle;
      else beyond = middle;
    }
    this.#frames = known;
    return { generation: this.#generation, frames: known };
  }

  bytesOf({ frames }: WalMark): number {
    return frames === 0 ? 0 : this.#offset(frames + 1);
  }

  /**
   * Lengthens the file by zeros, about as much again as is written, before what is written reaches its end. A sync of a file
   * that has grown brings its new length and its new blocks to the disk as well, and takes twice as long.
   *
   * Whatever anybody wrote stays: the zeros are appended. For SQLite they are what leftovers of an earlier life are, no part
   * of the log: a frame has the number of a page, and its salts. Room that the disk does not have is left to the commits.
   */
  reserve(limitBytes: number): void {
    if (this.#frames === 0) return;
    if (this.#lengthOf !== this.#generation) {
      this.#lengthOf = this.#generation;
      this.#length = this.size();
    }
    const written = this.#offset(this.#frames + 1);
    if (this.#length - written >= LEAST_ROOM_BYTES || this.#length >= limitBytes) return;
    const wanted = Math.min(written, MOST_ZEROS_BYTES, limitBytes - written);
    const blocks = Array.from({ length: Math.ceil(wanted / ZEROS.length) }, () => ZEROS);
    try {
      this.#appending ??= openSync(this.#path, "a");
      this.#length = Math.max(this.#length, written) + writevSync(this.#appending, blocks);
    } catch {
      // Until it begins anew.
      this.#length = limitBytes;
    }
  }

  /** The length of the file, leftovers included. */
  size(): number {
    return fstatSync(this.fd).size;
  }

  /**
   * True where somebody has deleted it: what is written to it then is nowhere. One that has put another in its place is
   * seen after some calls only. Asking for the status of a file costs its next write a time stamp of its own, and so each
   * sync another block (multigrain timestamps, https://docs.kernel.org/filesystems/multigrain-ts.html); its name does not.
   */
  get isDeleted(): boolean {
    if (!this.#countsLinks) return false;
    const due = ++this.#askedForLinks % COUNT_EVERY === 0;
    return (due || !existsSync(this.#path)) && fstatSync(this.fd).nlink === 0;
  }

  /**
   * Cuts off what was written after a mark. Only for a database that is written no more. False, and nothing cut, where it
   * cannot be told for certain what came after it.
   */
  cut(after: WalMark): boolean {
    const now = this.mark();
    // Restarted since then: what the mark covered has been copied into the database, all of this is newer.
    const frames = now.generation === after.generation ? after.frames : 0;
    if (frames > 0 && !this.#isCommit(frames)) return false;
    ftruncateSync(this.fd, frames === 0 ? 0 : this.#offset(frames + 1));
    return true;
  }

  /** Writes what is in it once more, as it is, and syncs it. While nobody else writes. */
  writeAgain(): void {
    const chunk = Buffer.alloc(COPY_BYTES);
    for (let at = 0, read = 0; (read = readSync(this.fd, chunk, 0, COPY_BYTES, at)) > 0; at += read) {
      for (let done = 0; done < read; ) done += writeSync(this.fd, chunk, done, read - done, at + done);
    }
    fdatasyncSync(this.fd);
  }

  close(): void {
    if (this.#appending !== null) closeSync(this.#appending);
    closeSync(this.fd);
  }

  #readHeader(): void {
    const whole = readSync(this.fd, this.#bytes, 0, HEADER_BYTES, 0) === HEADER_BYTES;
    // New, or truncated by a checkpoint, and perhaps lengthened since.
    const empty = !whole || this.#bytes.readUInt32BE(0) === 0;
    if (empty) this.#bytes.fill(0);
    if (this.#salts.compare(this.#bytes, 16, 24) === 0) return;
    this.#bytes.copy(this.#salts, 0, 16, 24);
    this.#frameBytes = empty ? 0 : FRAME_HEADER_BYTES + pageBytes(this.#bytes.readUInt32BE(8));
    this.#frames = 0;
    this.#generation++;
  }

  /** True where it is certain that this frame is the last one: most commits are of one page, and one look tells so. */
  #endsAfter(frame: number): boolean {
    if (this.#frameBytes === 0 || this.#frameBytes > MOST_LOOK_BYTES) return false;
    this.#pair ??= Buffer.allocUnsafeSlow(this.#frameBytes + 8);
    const pair = this.#pair;
    if (pair.length !== this.#frameBytes + 8) return false;
    const read = readSync(this.fd, pair, 0, pair.length, this.#offset(frame) + 8);
    return (
      read === pair.length &&
      this.#salts.compare(pair, 0, 8) === 0 &&
      this.#salts.compare(pair, this.#frameBytes, pair.length) !== 0
    );
  }

  #hasFrame(frame: number): boolean {
    if (this.#frameBytes === 0) return false;
    const read = readSync(this.fd, this.#bytes, 0, 8, this.#offset(frame) + 8);
    return read === 8 && this.#salts.compare(this.#bytes, 0, 8) === 0;
  }

  /** The last frame of a transaction says how large the database is then; the others say 0. */
  #isCommit(frame: number): boolean {
    return readSync(this.fd, this.#bytes, 0, 4, this.#offset(frame) + 4) === 4 && this.#bytes.readUInt32BE(0) > 0;
  }

  #offset(frame: number): number {
    return HEADER_BYTES + (frame - 1) * this.#frameBytes;
  }
}

/** The largest page does not fit its field's historical width: 1 stands for it. */
function pageBytes(field: number): number {
  return field === 1 ? 65_536 : field;
}
