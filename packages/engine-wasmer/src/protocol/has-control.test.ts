import fc from "fast-check";
import { expect, test } from "vitest";
import { hasControl } from "./has-control.js";

test("sees a control character wherever it stands, and none where there is none", () => {
  const byte = fc.oneof(fc.constantFrom(0x00, 0x1f, 0x20, 0x21, 0x7f, 0x80, 0x9f, 0xa0, 0xff), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), fc.nat(7), fc.nat(7), fc.nat(7), (bytes, offset, from, less) => {
      const whole = Buffer.from(new Uint8Array(offset + bytes.length).fill(1).buffer);
      const buffer = whole.subarray(offset);
      buffer.set(bytes);
      const start = Math.min(from, bytes.length);
      const end = Math.max(start, bytes.length - less);
      const isThere = bytes.slice(start, end).some((value) => value < 0x20);
      expect(hasControl(buffer, start, end)).toBe(isThere);
    }),
    { numRuns: 5_000 },
  );
});
