import type { MessagePort } from "node:worker_threads";
import type { GuestLimits } from "../limits.js";

/*
 * What a guest's thread and the host share. Two buffers:
 *
 *   shared   words (i32) | counters (f64) | two progress messages | ring of log lines and warnings
 *   data     the bytes of the one message that is under way; replaced by a larger one when a message needs it
 *
 * Messages alternate: a command or reply to the guest, then a request, end or fault to the host. So whoever was rung owns
 * `data` and the message's words until it rings back, and nothing else needs a lock. A side writes its fields, then raises
 * the other's bell and notifies it; the other loads the bell before it reads them.
 */

/** Index of each i32 word. */
export const WORD = {
  /** Raised by the guest's side; the host waits on it without blocking. */
  HOST_BELL: 0,
  /** Raised by the host; the guest's thread sleeps on it. */
  GUEST_BELL: 1,
  /** What the message is: one of TO_GUEST or TO_HOST. */
  KIND: 2,
  /** Number of the guest's last request, and of the request that a reply answers: another's is dropped. */
  REQUEST: 3,
  REPLY_TO: 4,
  /** 1: a new `data` buffer is waiting on the port. */
  NEW_DATA: 5,
  /** Byte lengths of the parts that stand one after another in `data`. */
  LENGTH_0: 6,
  LENGTH_1: 7,
  LENGTH_2: 8,
  /** What a message has of numbers: a return code, a kind, a yes or no. */
  VALUE: 9,
  /** Bytes that were refused before they were copied; 0 for none. */
  OVERSIZE: 10,
  /** 1 where the call names a library, whose 16 bytes follow as four words. Also a job's id. */
  HAS_ID: 11,
  ID: 12,
  /** The guest's memory in pages, with every end and fault. */
  PAGES: 16,

  /** What job_check_interrupt answers. */
  INTERRUPT: 20,
  /** 1 once it answered something else than 0. */
  INTERRUPT_SEEN: 21,
  /** Raised by every host function. */
  HEARTBEAT: 22,
  /** Number of the last progress report that was begun, and that is whole. */
  PROGRESS_BEGUN: 23,
  PROGRESS_WRITTEN: 24,
  PROGRESS_LENGTH: 25,
  /** An f32. */
  PROGRESS_FRACTION: 26,
  /** 1: the host wants a copy of the next report; 0: it is there. */
  PROGRESS_WANTED: 27,
  /** Number, length and fraction (an f32) of that copy. */
  SHOWN_COUNT: 28,
  SHOWN_LENGTH: 29,
  SHOWN_FRACTION: 30,
  /** Bytes ever written to and read from the ring, modulo 2^32. */
  RING_HEAD: 31,
  RING_TAIL: 32,
  /** Log lines that found no room. */
  LOGS_DROPPED: 33,
  /** 1 where no other guest had work when this one was heard last. */
  ALONE: 34,
  /** Cores that the process may use: the host says, since `node:os` costs each thread 50 KB. */
  CORES: 35,

  /** 1 where a job's loop may take the short way of job-lane.ts, and the job's id. Only the guest's side looks at them. */
  LANE_OPEN: 36,
  LANE_JOB: 40,
} as const;

/** Index of each f64 counter. Only the guest's side writes; exact when the host was rung, near enough in between. */
export const COUNTER = { BYTES: 0, ITEMS: 1 } as const;

const WORDS_BYTES = 256;
// What a job's loop needs is read and written by job-lane-back.wat as well, which knows the places by their numbers: those of
// HEARTBEAT, INTERRUPT, PROGRESS_…, LANE_…, the counters and the progress message.
export const WORD_COUNT = WORDS_BYTES / 4;
export const COUNTERS_OFFSET = WORDS_BYTES;
export const PROGRESS_OFFSET = 512;
/** A longer method is refused. */
export const METHOD_MAX_BYTES = 1024;
/** A longer progress message is cut. */
export const PROGRESS_BYTES = 4096;
export const SHOWN_OFFSET = PROGRESS_OFFSET + PROGRESS_BYTES;
export const RING_OFFSET = SHOWN_OFFSET + PROGRESS_BYTES;
/** A power of two. */
export const RING_BYTES = 65_536;
export const SHARED_PAGES = Math.ceil((RING_OFFSET + RING_BYTES) / 65_536);

/** Where `data` starts. */
export const DATA_BYTES = 65_536;
/** A `data` buffer larger than this is given up when a small message comes. */
export const DATA_KEEP_BYTES = 4 * 1024 * 1024;

/** A quarter more than is needed, in whole pages, so that slightly larger messages still fit. */
export function roomFor(length: number): number {
  return Math.ceil((length * 1.25) / 4096) * 4096;
}

export const TO_GUEST = { START: 1, CALL: 2, HANDLE: 3, JOB: 4, REPLY: 5, DROP: 6 } as const;

export const TO_HOST = {
  /** The thread is up and sleeps. */
  READY: 1,
  /** A command ended well. */
  END: 2,
  FAULT: 3,
  CALL: 4,
  CHECKPOINT: 5,
  REGISTER_JOB: 6,
  REGISTER_OPERATION: 7,
  FAIL: 8,
  COMPLETE: 9,
  /** The ring is full of what must not be lost. */
  DRAIN: 10,
  /** The command named something that the guest, which alone knows its names, does not have; it lives on. */
  NO_EXPORT: 11,
} as const;

/** What travels in VALUE with a fault. */
export const FAULT_KINDS = [
  "trap",
  "stack-overflow",
  "memory-limit",
  "violation",
  "reply-too-large",
  "abi-unsupported",
  "init-failed",
  "protocol",
  "exited",
] as const;

/** What a thread is given when it is made. */
export interface ThreadData {
  /** As WebAssembly's own, so that a guest's loop can reach it without JavaScript. */
  readonly shared: WebAssembly.Memory;
  readonly data: SharedArrayBuffer;
  readonly port: MessagePort;
}

export function sharedBuffer(memory: WebAssembly.Memory): SharedArrayBuffer {
  const buffer: unknown = memory.buffer;
  if (buffer instanceof SharedArrayBuffer) return buffer;
  throw new TypeError("The channel's memory is not shared.");
}

/** What travels on the port with START. */
export interface StartMessage {
  readonly module: WebAssembly.Module;
  /** The capped module's bytes, for a thread that compiles it by itself. */
  readonly bytes?: Uint8Array;
  readonly maxPages: number;
  readonly limits: GuestLimits;
}
