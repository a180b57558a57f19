import { createTestHost } from "@spacedrive/testkit";
import { expect } from "vitest";
import { greetOf, type Promised } from "./guest-under-test.js";
import { uncheckedGuest } from "./unchecked-guest.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const NAMES: readonly (readonly [what: string, name: string])[] = [
  ["letters", "Ada"],
  ["nothing", ""],
  ["all that JSON escapes", 'a "quote", a \\, a / and \b\f\n\r\t\u0001'],
  ["letters beyond ASCII", 'Ada "€" grüße 😀 🌍 \u2028'],
  ["200,000 letters", "x".repeat(200_000)],
];

/** Fields that nobody asks for, and that look like one that is. */
const OTHERS = { unknown: [{ name: "Bob" }, "]"], more: { nested: [1, { "}": null }] } };
const NO_NAMES = [{}, { name: 7 }, { name: null }, { name: ["Ada"] }, [], "Ada", 7, null];
const REFUSED = { code: "INVALID_INPUT", message: expect.stringMatching(/"name"|JSON object/) };

function listsWithin(depth: number): unknown {
  let lists: unknown = "deep";
  for (let level = 0; level < depth; level++) lists = [lists];
  return lists;
}

/** What the query `greet` promises. */
export const GREET_PROMISES: readonly Promised[] = [
  ...NAMES.map(
    ([what, name]): Promised => [
      `greet answers what the host said to it, where the name holds ${what}`,
      async (guest) => {
        await using host = await createTestHost({ extension: guest.folder, inProcess: true });
        expect(await host.call(await greetOf(guest), { ...OTHERS, name, last: 1 })).toEqual({
          greeting: `Pong: Hello, ${name}!`,
          library_id: expect.stringMatching(UUID),
        });
      },
    ],
  ),
  [
    "greet answers what its language makes of half a surrogate pair",
    async (guest) => {
      await using host = await createTestHost({ extension: guest.folder, inProcess: true });
      const answer = await host.call(await greetOf(guest), { name: "half: \ud83d" });
      expect(answer).toMatchObject({ greeting: `Pong: Hello, half: ${guest.halfPair}!` });
    },
  ],
  [
    "greet tells its caller that a grant is missing",
    async (guest) => {
      await using host = await createTestHost({ extension: guest.folder, grants: [], inProcess: true });
      await expect(host.call(await greetOf(guest), { name: "Ada" })).rejects.toMatchObject({
        code: "PERMISSION_DENIED",
      });
    },
  ],
  [
    "greet refuses by itself what is no name, says why, and lives on",
    async (guest) => {
      await using extension = await uncheckedGuest(guest);
      await using host = await createTestHost({ extension: extension.folder, inProcess: true });
      const greet = await greetOf(guest);
      for (const input of NO_NAMES) await expect(host.call(greet, input)).rejects.toMatchObject(REFUSED);
      expect(await host.call(greet, { name: "Ada" })).toMatchObject({ greeting: "Pong: Hello, Ada!" });
    },
  ],
  [
    "greet reads over lists as deep as it says, refuses deeper ones, and lives on",
    async (guest) => {
      await using extension = await uncheckedGuest(guest);
      await using host = await createTestHost({ extension: extension.folder, inProcess: true });
      const greet = await greetOf(guest);
      const { deepestLists } = guest;
      if (deepestLists !== null) {
        const input = { name: "Ada", deep: listsWithin(deepestLists + 1) };
        await expect(host.call(greet, input)).rejects.toMatchObject(REFUSED);
      }
      const input = { name: "Ada", deep: listsWithin(deepestLists ?? 500) };
      expect(await host.call(greet, input)).toMatchObject({ greeting: "Pong: Hello, Ada!" });
    },
  ],
  [
    "greet frees what each call took",
    async (guest) => {
      await using extension = await uncheckedGuest(guest, { max_memory_mb: 16 });
      await using host = await createTestHost({ extension: extension.folder, inProcess: true });
      const greet = await greetOf(guest);
      const name = "x".repeat(100_000);
      for (let i = 0; i < 200; i++) await host.call(greet, { name });
    },
  ],
];
