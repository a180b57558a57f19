import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { roomFor, sharedBuffer, TO_GUEST, TO_HOST, type ThreadData, WORD, WORD_COUNT } from "./channel-layout.js";
import { giveBackHeap } from "./give-back-heap.js";
import { LookOut } from "./look-out.js";

/** A range of a buffer that is one part of a message. */
export interface Part {
  readonly buffer: Buffer<ArrayBufferLike>;
  readonly start: number;
  readonly length: number;
}

/** An instance that has had nothing to do for so long gives back what its thread's heap need not hold, */
const IDLE_MS = 1_000;
/**
 * and does so at most as often as this: it takes 6 ms, which a command that comes meanwhile waits for, and the next call 2
 * more.
 */
const GIVE_BACK_EVERY_MS = 60_000;

/** The guest's end of the channel: it rings the host and sleeps until it is rung. */
export class GuestEnd {
  readonly words: Int32Array;
  readonly #port: MessagePort;
  #data: Buffer<SharedArrayBuffer>;
  #heard = 0;
  #request = 0;
  #giveBackAt = 0;
  /** Up to 40 to 120 µs, by the machine: what the host has at hand. */
  readonly #soon = new LookOut(2_000, 20_000, 100);
  /** Up to 30 to 100 µs: the next of many calls, one after another. */
  readonly #next = new LookOut(8_000, 16_000, 50);
  /** Up to 0.4 to 1.2 ms: what waits for a fast disk. */
  readonly #durable = new LookOut(200_000, 200_000, 4);

  constructor({ shared, data, port }: ThreadData) {
    this.words = new Int32Array(sharedBuffer(shared), 0, WORD_COUNT);
    this.#data = Buffer.from(data);
    this.#port = port;
  }

  /** The message's bytes. Replaced by each `room` and by each message that needs more. */
  get data(): Buffer<SharedArrayBuffer> {
    return this.#data;
  }

  /** Puts parts into `data`, one after another, with their lengths. */
  place(first: Part, second?: Part): void {
    const words = this.words;
    const length = first.length + (second?.length ?? 0);
    if (length > this.#data.length) this.#grow(length);
    first.buffer.copy(this.#data, 0, first.start, first.start + first.length);
    words[WORD.LENGTH_0] = first.length;
    if (second !== undefined) {
      second.buffer.copy(this.#data, first.length, second.start, second.start + second.length);
      words[WORD.LENGTH_1] = second.length;
    }
  }

  /** Rings the host with what stands in `data` and the words. */
  tell(kind: number): void {
    const words = this.words;
    words[WORD.KIND] = kind;
    Atomics.add(words, WORD.HOST_BELL, 1);
    // All of them: a stale waiter would swallow a single notify.
    Atomics.notify(words, WORD.HOST_BELL);
  }

  /** Rings the host and sleeps until this very request is answered. */
  ask(kind: number): void {
    const words = this.words;
    this.#request = (this.#request + 1) | 0;
    words[WORD.REQUEST] = this.#request;
    this.tell(kind);
    if (kind !== TO_HOST.CHECKPOINT) this.#soon.for(words, this.#heard);
    else this.#durable.whileAlone(words, this.#heard);
    do this.#sleep();
    while (words[WORD.KIND] !== TO_GUEST.REPLY || words[WORD.REPLY_TO] !== this.#request);
  }

  /**
   * Sleeps until the host sends a command, and answers its kind.
   *
   * @param serves an instance lives here; a thread that waits for one stays as warm as it is.
   */
  awaitCommand(serves = false): number {
    let kind: number = TO_GUEST.REPLY;
    this.#next.whileAlone(this.words, this.#heard);
    if (serves) this.#idle();
    while (kind === TO_GUEST.REPLY) {
      this.#sleep();
      kind = this.words[WORD.KIND] ?? 0;
    }
    return kind;
  }

  /** What the host posted beside the message. */
  receive(): unknown {
    return receiveMessageOnPort(this.#port)?.message;
  }

  /** For ever: the host has been told of a fault and terminates the thread. */
  sleepForEver(): never {
    for (;;) this.#sleep();
  }

  /** Returns when it is rung, or once there is nothing left to do but to sleep. */
  #idle(): void {
    const until = Math.max(IDLE_MS, Math.min(GIVE_BACK_EVERY_MS, this.#giveBackAt - Date.now()));
    if (Atomics.wait(this.words, WORD.GUEST_BELL, this.#heard, until) !== "timed-out") return;
    giveBackHeap();
    this.#giveBackAt = Date.now() + GIVE_BACK_EVERY_MS;
  }

  #sleep(): void {
    const words = this.words;
    let bell = Atomics.load(words, WORD.GUEST_BELL);
    while (bell === this.#heard) {
      Atomics.wait(words, WORD.GUEST_BELL, bell);
      bell = Atomics.load(words, WORD.GUEST_BELL);
    }
    this.#heard = bell;
    if (words[WORD.NEW_DATA] !== 0) {
      words[WORD.NEW_DATA] = 0;
      // Proof: the host sets NEW_DATA only after it has posted a SharedArrayBuffer.
      this.#data = Buffer.from(this.receive() as SharedArrayBuffer);
    }
  }

  #grow(length: number): void {
    const data = new SharedArrayBuffer(roomFor(length));
    this.#data = Buffer.from(data);
    this.#port.postMessage(data);
    this.words[WORD.NEW_DATA] = 1;
  }
}
