import { type CallRecord, comparePlaces, numberOf, placeKey, type RecordPlace } from "../call-record.js";

/** A recorded call, and the calls recorded to answer it where it was never answered itself. */
export interface RecordedCall {
  readonly record: CallRecord;
  readonly inner: RecordedCalls;
  /** The number of the first record of this call, before others took it. */
  readonly origin: number;
  /**
   * An equal call is answered from it also after a change of the code: it is an effect, or has had effects inside, be it
   * that it was not answered or that it failed.
   */
  readonly lasts: boolean;
}

/** What one queue left behind. */
export interface RecordedCalls {
  /** The calls in the order in which the job makes them. */
  readonly queue: readonly RecordedCall[];
  /** Calls that the job made before its code changed, and that no call has taken since. */
  readonly leftovers: readonly RecordedCall[];
  /** The highest number in use. */
  readonly last: number;
}

export const NO_CALLS: RecordedCalls = { queue: [], leftovers: [], last: 0 };

/**
 * What follows the last effect in the order of the calls. Nothing depends on it, so a resumed job asks anew instead of
 * being answered what was so then: one that failed on what it had read can succeed when it is retried.
 */
export function afterLastEffect(records: readonly CallRecord[]): CallRecord[] {
  let last: RecordPlace | null = null;
  for (const { effect, place } of records) {
    if (effect && (last === null || comparePlaces(place, last) > 0)) last = place;
  }
  return records.filter(({ place }) => last === null || comparePlaces(place, last) > 0);
}

/** @param consumed the number up to which the records of the job's own calls are not there any more. */
export function recordedCalls(records: readonly CallRecord[], consumed: number): RecordedCalls {
  const byParent = new Map<string, CallRecord[]>();
  for (const record of [...records].sort((a, b) => comparePlaces(a.place, b.place))) {
    const key = placeKey(record.place.slice(0, -1));
    const siblings = byParent.get(key);
    if (siblings === undefined) byParent.set(key, [record]);
    else siblings.push(record);
  }
  const calls = callsOf(byParent, [[]]);
  return { ...calls, last: Math.max(calls.last, consumed) };
}

/** The calls made to answer one call, whose record has stood in each of these places in turn. */
function callsOf(byParent: ReadonlyMap<string, readonly CallRecord[]>, parents: readonly RecordPlace[]): RecordedCalls {
  const records = parents.flatMap((parent) => byParent.get(placeKey(parent)) ?? []);
  if (records.length === 0) return NO_CALLS;
  const byNumber = new Map(records.map((record) => [numberOf(record.place), record]));
  const last = records.reduce((highest, { place }) => Math.max(highest, numberOf(place)), 0);

  // Each names the one before it, so that the queue can be followed from its end past what the job no longer calls.
  const unused = new Map(byNumber);
  const queue: CallRecord[] = [];
  for (let at = unused.get(last); at !== undefined; at = unused.get(at.previous)) {
    queue.push(at);
    unused.delete(numberOf(at.place));
  }
  queue.reverse();
  // Whoever took it, and whoever has taken that since.
  for (const { takes } of records) if (takes !== null) unused.delete(takes);
  const withInner = (record: CallRecord): RecordedCall => {
    const places = placesOf(record, byNumber);
    const origin = numberOf(places[0] ?? record.place);
    const isOpen = record.content.kind === "open";
    const lasts = record.effect || isOpen || hasEffects(byParent, places);
    return { record, origin, lasts, inner: isOpen ? callsOf(byParent, places) : NO_CALLS };
  };
  return {
    queue: queue.map(withInner),
    leftovers: [...unused.values()].map(withInner).filter(({ lasts }) => lasts),
    last,
  };
}

/** A call that took an unanswered one has its inner calls in both places. */
function placesOf(record: CallRecord, byNumber: ReadonlyMap<number, CallRecord>): RecordPlace[] {
  const { place, takes } = record;
  const taken = takes === null || takes >= numberOf(place) ? undefined : byNumber.get(takes);
  return [...(taken === undefined ? [] : placesOf(taken, byNumber)), place];
}

function hasEffects(byParent: ReadonlyMap<string, readonly CallRecord[]>, parents: readonly RecordPlace[]): boolean {
  return parents
    .flatMap((parent) => byParent.get(placeKey(parent)) ?? [])
    .some(({ effect, place }) => effect || hasEffects(byParent, [place]));
}
