import { guestPromises } from "@spacedrive/example-guest-suite";
import { describe, it } from "vitest";

const guest = {
  folder: new URL("..", import.meta.url),
  halfPair: "\ud83d",
  deepestLists: 99,
  largestNumber: 4_294_967_295,
  itemsAtRefusal: 9,
} as const;

describe("the extension on the bare ABI, in AssemblyScript", () => {
  it.each(guestPromises(guest))("$name", ({ run }) => run());
});
