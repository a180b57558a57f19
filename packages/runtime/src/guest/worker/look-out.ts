import { WORD } from "./channel-layout.js";
import { Patience } from "./patience.js";

/**
 * How long a guest's thread looks out for one kind of message before it sleeps: many come sooner than a thread is woken on
 * another core. Where they do not come in time it soon gives up looking, and tries again now and then.
 */
export class LookOut {
  readonly #patience: Patience;

  /**
   * @param least @param most looks at the bell, of 2 to 6 ns each.
   * @param retryAfter messages without a look before it is tried again.
   */
  constructor(least: number, most: number, retryAfter: number) {
    this.#patience = new Patience(least, most, retryAfter);
  }

  /** As `for`, but only as long as no other guest has work. */
  whileAlone(words: Int32Array, heard: number): void {
    if (words[WORD.ALONE] === 1) this.for(words, heard, true);
  }

  /** Returns once the guest's bell is no longer `heard`, or when it has looked for long enough. */
  for(words: Int32Array, heard: number, alone = false): void {
    // On one core a look only keeps the host from working.
    if ((words[WORD.CORES] ?? 1) < 2) return;
    const looks = this.#patience.take();
    if (looks === 0) return;
    for (let i = looks; i > 0; i--) {
      if (Atomics.load(words, WORD.GUEST_BELL) !== heard) return this.#patience.reward();
      // That others need the core says nothing about whether a look pays.
      if (alone && (i & 15) === 0 && Atomics.load(words, WORD.ALONE) === 0) return;
    }
    this.#patience.punish();
  }
}
