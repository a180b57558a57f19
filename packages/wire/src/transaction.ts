export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * A synchronous database transaction, all that an action's `commit` may touch. It commits when `commit` returns and rolls
 * back when it throws.
 */
export interface Transaction {
  /** Runs a statement; answers how many rows it changed. */
  run(sql: string, ...params: readonly SqlValue[]): number;
  get(sql: string, ...params: readonly SqlValue[]): SqlRow | undefined;
  all(sql: string, ...params: readonly SqlValue[]): SqlRow[];
}
