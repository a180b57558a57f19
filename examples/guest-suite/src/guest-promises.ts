import { COUNT_PROMISES } from "./count-promises.js";
import { GREET_PROMISES } from "./greet-promises.js";
import type { GuestPromise, GuestUnderTest } from "./guest-under-test.js";
import { INTERRUPT_PROMISES } from "./interrupt-promises.js";

/** What every guest of the examples keeps: `it.each(guestPromises(guest))("$name", ({ run }) => run())`. */
export function guestPromises(guest: GuestUnderTest): readonly GuestPromise[] {
  const all = [...GREET_PROMISES, ...COUNT_PROMISES, ...INTERRUPT_PROMISES];
  return all.map(([name, check]) => ({ name, run: () => check(guest) }));
}
