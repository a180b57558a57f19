import { availableParallelism } from "node:os";
import { WORD } from "./channel-layout.js";

/** On one core a look only keeps the host from working. */
const HAS_CORES = availableParallelism() > 1;

/**
 * How long one kind of request looks out for its answer before the thread sleeps: many answers come sooner than a thread
 * is woken on another core. Where they do not come in time it soon gives up looking, and tries again now and then.
 */
export class LookOut {
  readonly #least: number;
  readonly #most: number;
  readonly #retryAfter: number;
  #looks: number;
  #unlooked = 0;

  /**
   * @param least @param most looks at the bell, of some 2 ns each.
   * @param retryAfter requests without a look before it is tried again.
   */
  constructor(least: number, most: number, retryAfter: number) {
    this.#least = this.#looks = least;
    this.#most = most;
    this.#retryAfter = retryAfter;
  }

  /** Returns once the guest's bell is no longer `heard`, or when it has looked for long enough. */
  for(words: Int32Array, heard: number): void {
    if (!HAS_CORES) return;
    if (this.#looks === 0) {
      if (++this.#unlooked < this.#retryAfter) return;
      this.#unlooked = 0;
      this.#looks = this.#least;
    }
    for (let i = this.#looks; i > 0; i--) {
      if (Atomics.load(words, WORD.GUEST_BELL) !== heard) {
        this.#looks = Math.min(this.#most, this.#looks * 2);
        return;
      }
    }
    this.#looks = this.#looks > this.#least ? this.#looks >> 1 : 0;
  }
}
