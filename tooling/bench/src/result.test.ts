import { expect, test } from "vitest";
import type { Contender, Figure } from "./figure.ts";
import { resultOf } from "./result.ts";

const nobody: Contender = { name: "nobody", open: () => Promise.reject(new Error("not opened here")) };
const figure: Figure = {
  name: "some",
  title: "some",
  unit: "µs",
  better: "lower",
  targets: [
    { kind: "floors-at-most", ratio: 2 },
    { kind: "peers-at-least", ratio: 5 },
    { kind: "at-most", value: 10 },
  ],
  rounds: 1,
  subject: nobody,
};

const met = (of: Figure, subject: number, floor: number, peer: number): (boolean | null)[] =>
  resultOf(
    of,
    new Map([
      ["subject", [subject]],
      ["floor", [floor]],
      ["peer", [peer]],
    ]),
  ).verdicts.map((v) => v.met);

test("meets a target that is just reached", () => {
  expect(met(figure, 10, 5, 50)).toEqual([true, true, true]);
});

test("misses a target that is just not reached", () => {
  expect(met(figure, 10.1, 5, 50)).toEqual([false, false, false]);
});

test("judges a rate by how much of the floor's it reaches, and how often it has the peer's", () => {
  const targets: Figure["targets"] = [
    { kind: "floors-at-least", ratio: 0.5 },
    { kind: "peers-at-least", ratio: 5 },
  ];
  const rate: Figure = { ...figure, unit: "/s", better: "higher", targets };
  expect(met(rate, 50, 100, 10)).toEqual([true, true]);
  expect(met(rate, 49, 100, 10)).toEqual([false, false]);
});

test("judges the worst of a hundred where the target is about that", () => {
  const late: Figure = { ...figure, unit: "ms", targets: [{ kind: "p99-at-most", value: 20 }] };
  const verdictOf = (worst: number): boolean | null | undefined =>
    resultOf(late, new Map([["subject", [...Array.from({ length: 99 }, () => 1), worst]]])).verdicts[0]?.met;
  expect([verdictOf(20), verdictOf(20.1)]).toEqual([true, false]);
});

test("judges the worst of a hundred by the floor's own", () => {
  const disturbed: Figure = { ...figure, targets: [{ kind: "p99-floors-at-most", ratio: 3 }] };
  expect([met(disturbed, 15, 5, 1), met(disturbed, 15.1, 5, 1)]).toEqual([[true], [false]]);
});

test("does not judge against what was not measured", () => {
  const { verdicts, floors, peers } = resultOf(figure, new Map([["subject", [1]]]));
  expect(verdicts.map((v) => v.met)).toEqual([null, null, true]);
  expect({ floors, peers }).toEqual({ floors: null, peers: null });
});
