import type { Contender, Figure } from "../figure.ts";
import { commitsOfEight, openBareDatabase } from "../floors/commit.ts";
import { type FamilyRun, openFamilyHost, raiseFamily } from "../host/family.ts";

const CHILDREN = 100_000;

function subject(name: string, sampleOf: (family: FamilyRun, children: number) => number): Contender {
  return {
    name,
    // Memory that a process once had does not show when it grows again.
    process: "fresh",
    async open(run) {
      const children = run.scaled(CHILDREN);
      const host = await openFamilyHost();
      return {
        round: async () => [sampleOf(await raiseFamily(host, children), children)],
        [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
      };
    },
  };
}

const floor: Contender = {
  name: "what they write, in a bare SQLite database: 1 KB at spawn, claim and end, eight jobs in a commit",
  async open(run) {
    const database = await openBareDatabase();
    const children = run.scaled(CHILDREN);
    return {
      round: async () => [(children * 1000) / commitsOfEight(database, children, 3)],
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
};

const figure = { rounds: 1, warmUp: false, onRequest: "half a minute" } as const;

export const figures: readonly Figure[] = [
  {
    ...figure,
    name: "children-100k",
    title: "100,000 children of one parent, to their ends",
    unit: "/s",
    better: "higher",
    targets: [],
    subject: subject(
      "children in a second, from the dispatch of their parent to its end: it was woken once",
      ({ elapsedMs }, children) => (children * 1000) / elapsedMs,
    ),
    floor,
  },
  {
    ...figure,
    name: "children-100k-memory",
    title: "what 100,000 children make the process grow by",
    unit: "MB",
    better: "lower",
    targets: [],
    subject: subject(
      "resident memory, at most, over what it was before the parent was dispatched",
      ({ grownBytes }) => grownBytes / 1e6,
    ),
  },
  {
    ...figure,
    name: "children-100k-delay",
    title: "delay of the loop under 100,000 children, p99",
    unit: "ms",
    better: "lower",
    targets: [{ kind: "at-most", value: 20 }],
    subject: subject("99 of 100 delays of the loop are shorter", ({ delayP99Ms }) => delayP99Ms),
  },
];
