/** WASI's error numbers, of preview1. */
const SUCCESS = 0;
const BADF = 8;
const INVAL = 28;

const STDIN = 0;
const STDERR = 2;
export const SUBSCRIPTION_BYTES = 48;
export const EVENT_BYTES = 32;
const CLOCK_EVENT = 0;
const READ_EVENT = 1;
const WRITE_EVENT = 2;
const ABSOLUTE_TIME = 1;
const REALTIME = 0;
const MONOTONIC = 1;
/** 24 days, which no call's limit comes near: a wait of centuries is none for V8. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;
const NANOSECONDS = 1_000_000n;

interface Event {
  readonly userData: bigint;
  readonly type: number;
  readonly error: number;
}

/** Whether it is standard input that is waited for, and nothing else. */
export function pollsInput(view: Buffer, at: number, count: number): boolean {
  for (let from = at; from < at + SUBSCRIPTION_BYTES * count; from += SUBSCRIPTION_BYTES) {
    if (view[from + 8] !== READ_EVENT || view.readUInt32LE(from + 16) !== STDIN) return false;
  }
  return true;
}

/**
 * The events of subscriptions that lie at `at`; sleeps where all of them are times to come. Standard output never waits, and
 * standard input has been waited for, or is one of several: they are ready. The thread's end ends a sleep of any length.
 */
export function pollEvents(view: Buffer, at: number, count: number): readonly Event[] {
  const ready: Event[] = [];
  const clocks: { readonly userData: bigint; readonly waitMs: number }[] = [];
  for (let from = at; from < at + SUBSCRIPTION_BYTES * count; from += SUBSCRIPTION_BYTES) {
    const userData = view.readBigUInt64LE(from);
    const type = view[from + 8] ?? 0;
    const waitMs = type === CLOCK_EVENT ? waitOf(view, from) : null;
    if (waitMs !== null) clocks.push({ userData, waitMs });
    else ready.push({ userData, type, error: errorOf(type, view.readUInt32LE(from + 16)) });
  }
  if (ready.length > 0) return ready;
  const first = Math.min(...clocks.map(({ waitMs }) => waitMs));
  if (first > 0) Atomics.wait(SLEEP, 0, 0, Math.min(first, LONGEST_SLEEP_MS));
  return clocks
    .filter(({ waitMs }) => waitMs <= first)
    .map(({ userData }) => ({ userData, type: CLOCK_EVENT, error: SUCCESS }));
}

export function writeEvents(view: Buffer, at: number, events: readonly Event[]): void {
  view.fill(0, at, at + EVENT_BYTES * events.length);
  for (const [index, { userData, type, error }] of events.entries()) {
    const to = at + EVENT_BYTES * index;
    view.writeBigUInt64LE(userData, to);
    view.writeUInt16LE(error, to + 8);
    view[to + 10] = type;
  }
}

/** Milliseconds, with their fractions; null for a clock that there is not. */
function waitOf(view: Buffer, from: number): number | null {
  const clock = view.readUInt32LE(from + 16);
  if (clock !== REALTIME && clock !== MONOTONIC) return null;
  const timeout = view.readBigUInt64LE(from + 24);
  if ((view.readUInt16LE(from + 40) & ABSOLUTE_TIME) === 0) return Number(timeout) / Number(NANOSECONDS);
  const now = clock === REALTIME ? BigInt(Date.now()) * NANOSECONDS : process.hrtime.bigint();
  return Math.max(0, Number(timeout - now) / Number(NANOSECONDS));
}

function errorOf(type: number, fd: number): number {
  if (type !== READ_EVENT && type !== WRITE_EVENT) return INVAL;
  const isThere = type === READ_EVENT ? fd === STDIN : fd !== STDIN && fd <= STDERR;
  return isThere ? SUCCESS : BADF;
}

const SLEEP = new Int32Array(new SharedArrayBuffer(4));
