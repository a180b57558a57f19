import { expect } from "vitest";
import type { Promised } from "./guest-under-test.js";
import { errorOf, ScriptedHost, ScriptedJob } from "./scripted-host.js";

const GONE = "Its caller has gone.";
const INTERRUPTS = [
  ["paused", 1],
  ["cancelled", 2],
] as const;

/** What a guest makes of an interrupt, and of `CANCELLED` as the answer to a call of its own. */
export const INTERRUPT_PROMISES: readonly Promised[] = [
  [
    "greet hands on that its call was cut short, and lives on",
    async (guest) => {
      await using host = await ScriptedHost.start(guest);
      const { answer } = host;
      host.answer = () => errorOf("CANCELLED", GONE);
      expect(JSON.parse(await host.greet("Ada"))).toMatchObject({ error: GONE, code: "CANCELLED" });
      host.answer = answer;
      expect(JSON.parse(await host.greet("Ada"))).toMatchObject({ greeting: "Pong: Hello, Ada!" });
    },
  ],
  ...INTERRUPTS.map(
    ([what, interrupt]): Promised => [
      `count ends as interrupted where it is ${what} while it waits for a call, and can go on from its checkpoint`,
      async (guest) => {
        await using host = await ScriptedHost.start(guest);
        const { answer } = host;
        host.answer = (request) => {
          if (entryOf(request) !== "20") return answer(request);
          host.interrupt(interrupt);
          return errorOf("CANCELLED", GONE);
        };
        const job = new ScriptedJob();
        const exit = await host.count('{"target":30}', job);
        expect(exit).toEqual({ code: 1, sawInterrupt: true });
        expect(job.reasons).toEqual([]);

        host.interrupt(0);
        host.answer = answer;
        expect(await host.count(job.states.at(-1) ?? "", job)).toEqual({ code: 0, sawInterrupt: false });
        expect(job.results).toEqual(['{"counted":30}']);
        // The call that was cut short is made again, and no other.
        expect(host.requests.map(entryOf)).toEqual(["10", "20", "20", "30"]);
      },
    ],
  ),
  [
    "count warns once, also where it is paused before its first step",
    async (guest) => {
      await using host = await ScriptedHost.start(guest);
      const job = new ScriptedJob();
      host.interrupt(1);
      expect(await host.count('{"target":30}', job)).toEqual({ code: 1, sawInterrupt: true });
      host.interrupt(0);
      expect(await host.count(job.states.at(-1) ?? "", job)).toEqual({ code: 0, sawInterrupt: false });
      expect(job.warnings).toEqual(["Counting to 30"]);
    },
  ],
  [
    "count fails with the host's reason where a call was cut short and nobody had interrupted it",
    async (guest) => {
      await using host = await ScriptedHost.start(guest);
      host.answer = () => errorOf("CANCELLED", GONE);
      const job = new ScriptedJob();
      expect(await host.count('{"target":30}', job)).toMatchObject({ code: 2 });
      expect(job.reasons).toEqual([`CANCELLED: ${GONE}`]);
    },
  ],
];

/** The name of the entry that a call makes. */
function entryOf({ payload }: { readonly payload: string }): string {
  // Proof: in these tests the job makes no calls but for entries, which have a name.
  return (JSON.parse(payload) as { name: string }).name;
}
