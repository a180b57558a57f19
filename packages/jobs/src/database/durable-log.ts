import { fdatasyncSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { StoreFaults } from "./store-faults.js";
import { deletedError } from "./sqlite-error.js";
import { systemFault } from "./store-faults.js";
import type { SyncPace } from "./sync-pace.js";
import type { SyncThread } from "./threads/sync-thread.js";
import { WalFile, type WalMark } from "./wal-file.js";

export interface DurableLogOptions {
  /** The database's real path; its connection must have read it. */
  readonly path: string;
  readonly thread: SyncThread;
  readonly pace: Pick<SyncPace, "mayHoldLoop" | "took">;
  /** How long the WAL grows before it is copied into the database and begins anew. */
  readonly limitBytes: number;
  readonly faults: StoreFaults | null;
}

/**
 * The WAL of a database, and how much of it is on the disk.
 *
 * SQLite writes it with `synchronous=NORMAL`: it never syncs a commit, but still syncs the header of a WAL that it begins
 * anew before any frame (so that a power loss cannot leave an old header over new frames), together with the folder where
 * the file is new, and both files around a checkpoint. What is missing for durability is one sync after the commit, and
 * this is it. After a power loss SQLite takes the frames up to the last whole transaction, by checksums that each frame
 * carries on from the one before: all that was synced, and perhaps more.
 */
export class DurableLog {
  readonly #file: WalFile;
  readonly #path: string;
  readonly #thread: SyncThread;
  readonly #pace: DurableLogOptions["pace"];
  readonly #limitBytes: number;
  readonly #faults: StoreFaults | null;
  #written: WalMark;
  #durable: WalMark;
  /** Changes when a checkpoint begins and when it ends: odd while one is under way. */
  #checkpoints = 0;
  #checkpointsAtCommit = 0;

  constructor({ path, thread, pace, limitBytes, faults }: DurableLogOptions) {
    this.#path = path;
    this.#thread = thread;
    this.#pace = pace;
    this.#limitBytes = limitBytes;
    this.#faults = faults;
    this.#file = new WalFile(path);
    this.#written = this.#durable = this.#file.mark();
  }

  /** Bytes from its beginning to its last commit. */
  get length(): number {
    return this.#file.bytesOf(this.#written);
  }

  /** The length of the file. */
  get fileSize(): number {
    return this.#file.size();
  }

  /** True where the file has more than a header: it was found so, or written. */
  get holdsAny(): boolean {
    return this.#file.size() > 0;
  }

  /**
   * Puts what is in the file on the disk, whatever the operating system believes of it. Holds the thread. While no connection
   * writes. @throws Error as the operating system raised it.
   */
  writeAgain(): void {
    this.#file.writeAgain();
  }

  /** A commit has been written, and no sync of it has begun. */
  committed(): void {
    // The first commit since the last sync: what a checkpoint copies from now on may be more than what is durable.
    if (this.#written === this.#durable) this.#checkpointsAtCommit = this.#checkpoints;
    this.#written = this.#file.mark();
    this.#file.reserve(this.#limitBytes);
  }

  /** SQLite has synced the WAL itself, with all that is in it. */
  synced(): void {
    this.#written = this.#durable = this.#file.mark();
  }

  /** Resolves once what is committed now is on the disk. @throws Error as the operating system raised it. */
  sync(): Promise<void> {
    return this.#sync(() => {});
  }

  /** {@link committed} and {@link sync} in one: the thread is at work while this one looks where the WAL ends. */
  syncCommitted(): Promise<void> {
    return this.#sync(() => this.committed());
  }

  /**
   * {@link syncCommitted} on this thread, where that is sooner done and nobody is kept waiting by it. False: it was not
   * done. @throws Error as {@link sync} rejects.
   */
  syncCommittedHere(): boolean {
    const from = performance.now();
    if (this.#isCheckpointing || !this.#pace.mayHoldLoop(from)) return false;
    const step = { operation: "sync", path: this.#path } as const;
    const fault = this.#faults?.before?.(step) ?? null;
    this.committed();
    if (fault !== null) throw systemFault(fault, "fdatasync");
    fdatasyncSync(this.#file.fd);
    this.#took(from, true);
    if (this.#file.isDeleted) throw deletedError(this.#path);
    this.#faults?.after?.(step);
    this.#durable = this.#written;
    return true;
  }

  async #sync(meanwhile: () => void): Promise<void> {
    const from = performance.now();
    const checkpoints = this.#isCheckpointing ? null : this.#checkpoints;
    const step = { operation: "sync", path: this.#path } as const;
    const fault = this.#faults?.before?.(step) ?? null;
    const syncing = fault === null ? this.#thread.sync(this.#file.fd) : Promise.reject(systemFault(fault, "fdatasync"));
    meanwhile();
    const mark = this.#written;
    // 1 µs, while the other thread is at work.
    const { isDeleted } = this.#file;
    await syncing;
    // What waited for a checkpoint's own syncs says nothing of the disk: hundreds after it would be left to the thread.
    if (checkpoints === this.#checkpoints) this.#took(from, false);
    if (isDeleted) throw deletedError(this.#path);
    this.#faults?.after?.(step);
    // One by SQLite itself may have come to its end meanwhile, and cover more.
    if (isUpTo(this.#durable, mark)) this.#durable = mark;
  }

  get #isCheckpointing(): boolean {
    return this.#checkpoints % 2 === 1;
  }

  #took(from: number, held: boolean): void {
    const now = performance.now();
    this.#pace.took(now - from, held, now);
  }

  checkpointBegins(): void {
    this.#checkpoints++;
  }

  checkpointEnded(): void {
    this.#checkpoints++;
  }

  /**
   * After a failed sync, with the database used no more: takes back what was committed and never confirmed, so that it is
   * not there when the database is opened again. Not where a checkpoint may have copied some of it; then all of it stays.
   */
  dropUnsynced(): void {
    const clean = !this.#isCheckpointing && this.#checkpoints === this.#checkpointsAtCommit;
    if (clean && this.#written !== this.#durable) this.#file.cut(this.#durable);
  }

  close(): void {
    this.#file.close();
  }
}

function isUpTo(a: WalMark, b: WalMark): boolean {
  return a.generation === b.generation ? a.frames <= b.frames : a.generation < b.generation;
}
