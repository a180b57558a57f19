import { describe, expect, test } from "vitest";
import { hashVectors, readReleased } from "../scripts/released-vectors.js";
import { loadVectors } from "../src/vectors/load-vectors.js";
import { loadWasiVectors } from "../src/vectors/load-wasi-vectors.js";

/** Every version that was ever released. One is added, and none is taken away. */
const VERSIONS = ["v1", "wasi/v1"];

describe.each(VERSIONS)("of the released version %s", (version) => {
  const released = readReleased(version);
  const now = hashVectors(version);

  test("no vector has gone", () => {
    expect(Object.keys(released).filter((name) => now[name] === undefined)).toEqual([]);
  });

  test("no vector asks or expects something else: a new promise is a new vector", () => {
    const changed = Object.entries(released).filter(([name, hash]) => now[name] !== undefined && now[name] !== hash);
    expect(changed.map(([name]) => name)).toEqual([]);
  });

  test("no vector is missing in the list: pnpm run record adds it", () => {
    expect(Object.keys(now).filter((name) => released[name] === undefined)).toEqual([]);
  });

  test("every vector is in the kit", () => {
    const loaded = [...loadVectors(), ...loadWasiVectors()].flatMap(({ id }) =>
      id.startsWith(`${version}/`) ? [id.slice(version.length + 1)] : [],
    );
    expect(loaded.toSorted()).toEqual(Object.keys(released).toSorted());
  });
});
