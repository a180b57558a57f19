import type { SqlRow, SqlValue, Transaction } from "@spacedrive/wire";

/** What may only look. */
export type Reader = Pick<Transaction, "get" | "all">;

/** A statement that only looks, and its parameters. */
export interface Selection {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** The columns of our own STRICT tables, read with their types. */
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`column ${column} is no text`);
  return value;
}

export function textOrNull(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function integerOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`column ${column} is no integer`);
  return value;
}

export function integerOrNull(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : integerOf(row, column);
}
