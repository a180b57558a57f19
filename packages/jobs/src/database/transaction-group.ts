import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Queued } from "./queued-work.js";
import { isFailedSync, isLocked, sqliteError } from "./sqlite-error.js";
import { endedByWork, SqliteTransaction } from "./sqlite-transaction.js";
import type { StatementCache } from "./statement-cache.js";
import { type StoreFaults, type StoreOperation, sqliteFault } from "./store-faults.js";

/** How long one group may hold the thread; what is left waits for the next one. A single work may take longer. */
const HOLD_MS = 5;

/** What came of a group. Each work that was taken from the queue is in it, or back in the queue, or answered. */
export type GroupResult =
  /** In the WAL, and in none but the thread's memory and the system's: to be answered once it is synced. */
  | { readonly kind: "written"; readonly group: readonly Queued[] }
  /** Nothing was written, and there may be more to do. */
  | { readonly kind: "empty" }
  /** Another connection holds the lock. The queue is as it was. */
  | { readonly kind: "locked"; readonly error: unknown }
  /** Written, and SQLite's own sync of it failed; or it can neither be written nor undone. The connection is of no use. */
  | { readonly kind: "failed"; readonly group: readonly Queued[]; readonly error: unknown };

type Statement = "begin" | "savepoint" | "release" | "rollbackTo" | "commit" | "rollback";

/**
 * Writes waiting transactions as one, each in a savepoint of its own: what one throws undoes only what it did. One that is
 * alone needs none: to undo it is to roll back.
 */
export class TransactionGroup {
  readonly #path: string;
  readonly #connection: DatabaseSync;
  readonly #statements: StatementCache;
  readonly #faults: StoreFaults | null;
  readonly #sql: Readonly<Record<Statement, StatementSync>>;
  #running = false;

  constructor(path: string, connection: DatabaseSync, statements: StatementCache, faults: StoreFaults | null) {
    this.#path = path;
    this.#connection = connection;
    this.#statements = statements;
    this.#faults = faults;
    this.#sql = {
      begin: connection.prepare("BEGIN IMMEDIATE"),
      savepoint: connection.prepare("SAVEPOINT work"),
      release: connection.prepare("RELEASE work"),
      rollbackTo: connection.prepare("ROLLBACK TO work"),
      commit: connection.prepare("COMMIT"),
      rollback: connection.prepare("ROLLBACK"),
    };
  }

  /** True while a work runs: it may use the database only through its transaction. */
  get running(): boolean {
    return this.#running;
  }

  /** Takes from the beginning of `waiting` what fits into one commit, and puts back what must be run again. */
  write(waiting: Queued[]): GroupResult {
    const group: Queued[] = [];
    try {
      this.#step("begin", () => this.#sql.begin.run());
    } catch (thrown) {
      if (isLocked(thrown)) return { kind: "locked", error: sqliteError(thrown, this.#path) };
      for (const work of waiting.splice(0)) work.reject(sqliteError(thrown, this.#path));
      return { kind: "empty" };
    }
    try {
      return this.#fill(group, waiting);
    } catch (thrown) {
      // It cannot even be rolled back: whoever is in it is told, and nothing more is asked of this connection.
      return { kind: "failed", group, error: thrown };
    }
  }

  #fill(group: Queued[], waiting: Queued[]): GroupResult {
    const until = performance.now() + HOLD_MS;
    const lone = waiting.length === 1;
    let wrote = false;
    do {
      const work = waiting.shift();
      if (work === undefined) break;
      group.push(work);
      if (this.#run(work, lone)) wrote = true;
      else if (!this.#connection.isTransaction) {
        // All of it is undone. Who made that so is answered; the others have done nothing wrong.
        waiting.unshift(...group.filter((other) => other !== work));
        work.answer();
        return { kind: "empty" };
      }
    } while (!lone && !group[0]?.alone && waiting[0]?.alone === false && performance.now() < until);
    return wrote ? this.#commit(group, waiting) : this.#giveUp(group);
  }

  /** False where the work failed: it is undone, and has its error as its outcome. */
  #run(work: Queued, lone: boolean): boolean {
    const tx = new SqliteTransaction(this.#statements, this.#connection);
    this.#running = true;
    try {
      if (!lone) this.#sql.savepoint.run();
      this.#step("work", () => work.run(tx));
      if (!this.#connection.isTransaction) throw endedByWork();
      if (!lone) this.#sql.release.run();
      return true;
    } catch (thrown) {
      work.failWith(sqliteError(thrown, this.#path));
      this.#undo(lone);
      return false;
    } finally {
      tx.end();
      this.#running = false;
    }
  }

  /** Undoes one work; or all of the group, where it has ended its savepoint itself. */
  #undo(lone: boolean): void {
    if (!this.#connection.isTransaction) return;
    if (lone) {
      this.#sql.rollback.run();
      return;
    }
    try {
      this.#sql.rollbackTo.run();
      this.#sql.release.run();
    } catch {
      this.#sql.rollback.run();
    }
  }

  #commit(group: readonly Queued[], waiting: Queued[]): GroupResult {
    try {
      this.#step("commit", () => this.#sql.commit.run());
      return { kind: "written", group };
    } catch (thrown) {
      if (this.#connection.isTransaction) this.#sql.rollback.run();
      if (isFailedSync(thrown)) return { kind: "failed", group, error: thrown };
      const [first, ...others] = group;
      if (others.length === 0) {
        first?.reject(sqliteError(thrown, this.#path));
        return { kind: "empty" };
      }
      // Nobody knows which of them was too much: each tries by itself.
      for (const work of group) work.alone = true;
      waiting.unshift(...group);
      return { kind: "empty" };
    }
  }

  /** All of them failed: there is nothing to commit. */
  #giveUp(group: readonly Queued[]): GroupResult {
    this.#sql.rollback.run();
    for (const work of group) work.answer();
    return { kind: "empty" };
  }

  #step(operation: StoreOperation, act: () => void): void {
    const faults = this.#faults;
    if (faults === null) {
      act();
      return;
    }
    const fault = faults.before?.({ operation, path: this.#path }) ?? null;
    if (fault !== null) throw sqliteFault(fault);
    act();
    faults.after?.({ operation, path: this.#path });
  }
}
