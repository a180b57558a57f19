import type { OperationKind } from "@spacedrive/wire";

/**
 * Where a call stands among the calls of its job: `[7]` is the job's seventh, `[7, 2]` the second call that was made to
 * answer it. Numbers of the job's own calls never restart.
 */
export type RecordPlace = readonly number[];

/** What a record holds of a call's outcome. */
export type RecordContent =
  /** The call is being answered, and calls that were made for it have had effects. */
  | { readonly kind: "open" }
  /** JSON text of the outcome. */
  | { readonly kind: "plain"; readonly json: string }
  /** The same, encrypted: the operation is secret. */
  | { readonly kind: "sealed"; readonly bytes: Uint8Array }
  /** Nothing: the query is secret and the host has no key. Replayed, it is asked again. */
  | { readonly kind: "withheld" };

/** One call of a job, as it is stored. Records are only ever added, and swept when a checkpoint covers them. */
export interface CallRecord {
  readonly place: RecordPlace;
  /** The last number of the record that came before it in its queue; 0 or what a checkpoint covers: none did. */
  readonly previous: number;
  /** The number of an earlier record of its queue whose effect answered this call, after the job's code had changed. */
  readonly takes: number | null;
  /** Equal for equal calls: of method, library and payload. */
  readonly call: string;
  /** For people. */
  readonly method: string;
  readonly kind: OperationKind;
  /** An action that ended well. What is recorded after the last effect of a job is of no consequence. */
  readonly effect: boolean;
  readonly content: RecordContent;
}

/**
 * True where it brings a job further that these are recorded: an effect is among them. What was only read is asked anew by the next
 * attempt, so that one that does no more than read would else be tried for ever. None: the effect is in the host's database.
 */
export function isProgress(records: readonly CallRecord[]): boolean {
  return records.length === 0 || records.some(({ effect }) => effect);
}

/** The number of a place in its own queue. */
export function numberOf(place: RecordPlace): number {
  return place.at(-1) ?? 0;
}

/** The number, among its job's own calls, of the call that a place belongs to. */
export function outermostOf(place: RecordPlace): number {
  return place[0] ?? 0;
}

/** A place as text; for keys. */
export function placeKey(place: RecordPlace): string {
  return place.join(".");
}

/** The order in which calls begin: a call before those that are made to answer it. */
export function comparePlaces(a: RecordPlace, b: RecordPlace): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
