import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const COPY_BYTES = 1024 * 1024;

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
  /** Some file systems count no links. */
  readonly #countsLinks: boolean;
  readonly #bytes = Buffer.alloc(HEADER_BYTES);
  /** Those of the header; each frame repeats them, and every restart changes them, so that leftovers do not count. */
  readonly #salts = Buffer.alloc(8);
  #generation = 0;
  #frameBytes = 0;
  #frames = 0;

  /** @param database The database file's real path; its connection must have read it: then the WAL exists. */
  constructor(database: string) {
    this.fd = openSync(`${database}-wal`, "r+");
    this.#countsLinks = fstatSync(this.fd).nlink > 0;
  }

  /** Where it ends now. What a large transaction spilled before it was rolled back may count, until it is overwritten. */
  mark(): WalMark {
    this.#readHeader();
    let known = this.#frames;
    let beyond = known + 1;
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

  /** The length of the file, leftovers included. */
  size(): number {
    return fstatSync(this.fd).size;
  }

  /** True where somebody has deleted it: what is written to it then is nowhere. */
  get isDeleted(): boolean {
    return this.#countsLinks && fstatSync(this.fd).nlink === 0;
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
    closeSync(this.fd);
  }

  #readHeader(): void {
    const whole = readSync(this.fd, this.#bytes, 0, HEADER_BYTES, 0) === HEADER_BYTES;
    // New, or truncated by a checkpoint.
    if (!whole) this.#bytes.fill(0);
    if (this.#salts.compare(this.#bytes, 16, 24) === 0) return;
    this.#bytes.copy(this.#salts, 0, 16, 24);
    this.#frameBytes = FRAME_HEADER_BYTES + pageBytes(this.#bytes.readUInt32BE(8));
    this.#frames = 0;
    this.#generation++;
  }

  #hasFrame(frame: number): boolean {
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
