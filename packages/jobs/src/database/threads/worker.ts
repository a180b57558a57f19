import { fdatasyncSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { SqlValue } from "@spacedrive/wire";
import { type ScanPage, type StoreReplies, type StoreRequest, type StoreThreadData, SYNC_WORD } from "./messages.js";

/** A page of a scan is handled by the host in one go, and must not hold its loop. */
const PAGE_ROWS = 500;
const PAGE_CHARACTERS = 256 * 1024;

const WRITE = { readOnly: false };
const READ = { readOnly: true };

type Row = readonly SqlValue[];

/** Connections of this thread, by file. */
const connections = new Map<string, DatabaseSync>();
/** What is left of scans, by the id of their request. */
const scans = new Map<number, { readonly columns: readonly string[]; readonly rows: Row[]; at: number }>();

/** A thread either scans or checkpoints: a file needs one connection. */
function connect(path: string, use: { readonly readOnly: boolean }): DatabaseSync {
  let connection = connections.get(path);
  if (connection === undefined) {
    connection = new DatabaseSync(path, use);
    // FULL: a checkpoint syncs the WAL before it copies, and the database after it. Only the host decides when.
    if (!use.readOnly) connection.exec("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0");
    connections.set(path, connection);
  }
  return connection;
}

function answer(id: number, request: StoreRequest): StoreReplies[keyof StoreReplies] {
  switch (request.kind) {
    case "checkpoint": {
      const mode = request.truncate ? "TRUNCATE" : "PASSIVE";
      const row = connect(request.path, WRITE).prepare(`PRAGMA wal_checkpoint(${mode})`).get();
      return { busy: row?.["busy"] !== 0 || row["log"] !== row["checkpointed"] };
    }
    case "scan":
      return scan(id, request);
    case "page":
      return nextPage(request.scan);
    case "open":
      // The first statement opens the WAL.
      connect(request.path, WRITE).prepare("PRAGMA user_version").get();
      return null;
    case "close":
      connections.get(request.path)?.close();
      connections.delete(request.path);
      return null;
    default:
      return request satisfies never;
  }
}

/** All rows are read before the first page leaves: a statement left open would keep the WAL from being restarted. */
function scan(id: number, request: Extract<StoreRequest, { readonly kind: "scan" }>): ScanPage {
  const statement = connect(request.path, READ).prepare(request.sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  const rows: Row[] = [];
  for (const row of statement.iterate(...request.params)) {
    if (rows.length === request.maxRows) return { columns, rows: [], more: false, tooMany: true };
    // Proof: it was told to return arrays.
    rows.push((row as unknown as SqlValue[]).map(narrowed));
  }
  scans.set(id, { columns, rows, at: 0 });
  return nextPage(id);
}

function nextPage(id: number): ScanPage {
  const left = scans.get(id);
  if (left === undefined) throw new Error("this scan has ended");
  const from = left.at;
  let characters = 0;
  while (left.at < left.rows.length && left.at - from < PAGE_ROWS && characters < PAGE_CHARACTERS) {
    for (const value of left.rows[left.at] ?? []) {
      if (typeof value === "string" || value instanceof Uint8Array) characters += value.length;
    }
    left.at++;
  }
  const more = left.at < left.rows.length;
  if (!more) scans.delete(id);
  return { columns: left.columns, rows: left.rows.slice(from, left.at), more, tooMany: false };
}

/** Integers that a number can hold are numbers, as in a transaction. */
function narrowed(value: SqlValue): SqlValue {
  if (typeof value !== "bigint") return value;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function serve(): void {
  parentPort?.on("message", (message: { readonly id: number; readonly request: StoreRequest | null }) => {
    const { id, request } = message;
    if (request === null) {
      for (const connection of connections.values()) connection.close();
      parentPort?.close();
      return;
    }
    try {
      parentPort?.postMessage({ id, ok: true, value: answer(id, request) });
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : String(thrown);
      const errcode = thrown instanceof Error && "errcode" in thrown ? thrown.errcode : null;
      parentPort?.postMessage({ id, ok: false, error: { message: text, errcode } });
    }
  });
}

/** Sleeps until it is asked to sync; there are no messages here, because a sleeper on a word wakes up sooner. */
function syncForEver(words: Int32Array): never {
  for (let seen = 0; ; ) {
    // A late wake-up is not a question: a sync of its own would be told of an error that the next answer then hides.
    while (Atomics.load(words, SYNC_WORD.ASKED) === seen) Atomics.wait(words, SYNC_WORD.ASKED, seen);
    seen = Atomics.load(words, SYNC_WORD.ASKED);
    words[SYNC_WORD.ERRNO] = sync(words[SYNC_WORD.FD] ?? -1);
    Atomics.store(words, SYNC_WORD.DONE, seen);
    Atomics.notify(words, SYNC_WORD.DONE);
  }
}

function sync(fd: number): number {
  try {
    fdatasyncSync(fd);
    return 0;
  } catch (thrown) {
    const errno = thrown instanceof Error && "errno" in thrown ? thrown.errno : null;
    return typeof errno === "number" && errno !== 0 ? errno : -1;
  }
}

// Proof: only the threads of this package are started from this file, with this. Loaded elsewhere it does nothing.
const data = workerData as StoreThreadData | null;
if (data !== null) {
  if (data.sync === null) serve();
  else syncForEver(new Int32Array(data.sync));
}
