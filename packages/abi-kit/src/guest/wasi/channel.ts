/** What the guest's thread asks of the strict host, which answers while the thread sleeps. */
export const ASK = {
  /** At most so many bytes of standard input. */
  READ: 1,
  /** It writes these bytes to a file descriptor. */
  WRITE: 2,
  /** It exited, with a code. */
  EXIT: 3,
  /** It trapped, or could not be started: the bytes are the message. */
  TRAP: 4,
} as const;

/** What the two threads share. */
export interface GuestChannel {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** The words: whose turn it is, what is asked, of which file descriptor or with which code, and of how many bytes. */
const TURN = 0;
const KIND = 1;
const OPERAND = 2;
const LENGTH = 3;
const GUESTS = 0;
const HOSTS = 1;
const HEAD_BYTES = 16;
/** As much as `fd_write` takes at once. */
export const CHANNEL_BYTES = 65_536;

export interface GuestAsk {
  readonly kind: number;
  readonly operand: number;
  readonly length: number;
}

export function createShared(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_BYTES + CHANNEL_BYTES);
}

export function openChannel(shared: SharedArrayBuffer): GuestChannel {
  return { words: new Int32Array(shared, 0, 4), bytes: new Uint8Array(shared, HEAD_BYTES) };
}

/** The guest's side: asks, and sleeps until it is answered; answers a count of bytes. */
export function ask({ words }: GuestChannel, kind: number, operand: number, length: number): number {
  words[KIND] = kind;
  words[OPERAND] = operand;
  words[LENGTH] = length;
  Atomics.store(words, TURN, HOSTS);
  Atomics.notify(words, TURN);
  while (Atomics.load(words, TURN) === HOSTS) Atomics.wait(words, TURN, HOSTS);
  return words[LENGTH] ?? 0;
}

/** The host's side: sleeps until the guest asks. */
export function awaitAsk({ words }: GuestChannel): GuestAsk {
  while (Atomics.load(words, TURN) === GUESTS) Atomics.wait(words, TURN, GUESTS);
  return { kind: words[KIND] ?? 0, operand: words[OPERAND] ?? 0, length: words[LENGTH] ?? 0 };
}

/** The host's side: lets the guest go on. */
export function answerAsk({ words }: GuestChannel, length: number): void {
  words[LENGTH] = length;
  Atomics.store(words, TURN, GUESTS);
  Atomics.notify(words, TURN);
}
