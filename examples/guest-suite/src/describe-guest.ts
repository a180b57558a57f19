import { beforeAll, describe, it } from "vitest";
import { guestPromises } from "./guest-promises.js";
import type { GuestUnderTest } from "./guest-under-test.js";

/** Whether the compiler is there that a guest was built with. */
export type Toolchain = { readonly kind: "found" } | { readonly kind: "missing"; readonly reason: string };

/**
 * The tests of a guest whose compiler no npm package brings: where it is missing they are skipped, which is said, or fail
 * where it is required.
 *
 * @param own what is special to this guest, beside what every guest keeps.
 */
export function describeGuest(
  language: string,
  guest: GuestUnderTest,
  { toolchain, required, own }: { readonly toolchain: Toolchain; readonly required: boolean; readonly own: () => void },
): void {
  const missing = toolchain.kind === "missing" ? toolchain.reason : null;
  if (missing !== null) console.warn(`SKIPPED: the tests of the extension in ${language}. ${missing}`);
  describe.skipIf(missing !== null && !required)(`the extension in ${language}`, () => {
    beforeAll(() => {
      if (missing !== null) throw new Error(missing);
    });
    it.each(guestPromises(guest))("$name", ({ run }) => run());
    own();
  });
}
