import type { SqlValue } from "@spacedrive/wire";

/** What a store thread is started with: the words that it sleeps on, or null for one that serves requests. */
export interface StoreThreadData {
  readonly sync: SharedArrayBuffer | null;
}

/** The words that the host and the sync thread share. */
export const SYNC_WORD = {
  /** Raised by the host for each sync that it asks. */
  ASKED: 0,
  /** Made equal to ASKED by the thread once the sync is done. */
  DONE: 1,
  /** The file to sync. */
  FD: 2,
  /** 0, or the negative errno of what went wrong. */
  ERRNO: 3,
} as const;

export type StoreRequest =
  /** Copies the WAL into the database; `truncate` also cuts the file, which needs that nobody uses it. */
  | { readonly kind: "checkpoint"; readonly path: string; readonly truncate: boolean }
  | {
      readonly kind: "scan";
      readonly path: string;
      readonly sql: string;
      readonly params: readonly SqlValue[];
      readonly maxRows: number;
    }
  /** The next page of the scan that had this id. */
  | { readonly kind: "page"; readonly scan: number }
  /** Opens the thread's own connection, so that it is not the host's that is the last to close. */
  | { readonly kind: "open"; readonly path: string }
  /** Closes the thread's connection. The last one of a database checkpoints it, and deletes its WAL. */
  | { readonly kind: "close"; readonly path: string };

export interface CheckpointReply {
  /** True where a reader kept it from reaching the end. */
  readonly busy: boolean;
}

export interface ScanPage {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** Rows are left: ask for the next page. */
  readonly more: boolean;
  /** The statement had more rows than were asked for; these are none of them. */
  readonly tooMany: boolean;
}

/** What each request is answered with. */
export interface StoreReplies {
  readonly checkpoint: CheckpointReply;
  readonly scan: ScanPage;
  readonly page: ScanPage;
  readonly open: null;
  readonly close: null;
}

/** An error in the shape in which it crosses threads: `errcode` is SQLite's. */
export interface ThreadError {
  readonly message: string;
  readonly errcode: number | null;
}

export type StoreReply = { readonly id: number } & (
  | { readonly ok: true; readonly value: StoreReplies[keyof StoreReplies] }
  | { readonly ok: false; readonly error: ThreadError }
);
