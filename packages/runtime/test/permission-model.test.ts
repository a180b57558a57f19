import { readFileSync } from "node:fs";
import { formatMethod, isExtensionId, isOperationName, isSpacedriveError, parseMethod } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { parseManifest } from "../src/plugins/manifest/parse-manifest.js";
import { ExtensionPermissions } from "../src/permissions/extension-permissions.js";
import { type GrantableOperation, matchesMethod, parseMethodGrant } from "../src/permissions/method-grant.js";
import { modelGrant, modelMatches } from "./permission-model.js";

const PAIRS = 100_000;
const KINDS = ["query", "action"] as const;
const OWNERS = ["a", "ai", "fin", "a-b", "7", "constructor", "x".repeat(64)];
const ODD_OWNERS = ["host", "query", "Fin", "__proto__", "-a", "x".repeat(65), ""];
const SEGMENTS = ["a", "ai", "aircraft", "b", "input", "v1", "v2", "v0", "v1000000", "x_1", "constructor"];
const ODD_SEGMENTS = ["*", "", "__proto__", "toString", "1a", "a-b", "é", "x".repeat(250)];
const ENDS = ["", "", "", ".", ".*", ".v1", ".v2", ".v999999", ".input", ".input.v1", "..", ".*.", "*"];

/** Numbers that look random and are the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

class Dice {
  readonly #below: (below: number) => number;

  constructor(seed: number) {
    this.#below = numbers(seed);
  }

  chance(percent: number): boolean {
    return this.#below(100) < percent;
  }

  of<T>(items: readonly T[]): T {
    // Proof: below the length of a list that is not empty.
    return items[this.#below(items.length)] as T;
  }

  several<T>(items: readonly T[], most: number): T[] {
    return Array.from({ length: 1 + this.#below(most) }, () => this.of(items));
  }

  /** An operation that Wire could hold. */
  operation(): GrantableOperation {
    for (;;) {
      const name = this.several(SEGMENTS, 4).join(".");
      const extension = this.chance(50) ? null : this.of(OWNERS);
      if (isOperationName(name) && (extension === null || isExtensionId(extension)))
        return { kind: this.of(KINDS), extension, name, version: this.of([1, 2, 999_999]) };
    }
  }

  /** A text that may grant this operation, or nearly, or something else, or is nonsense. */
  grantNear(operation: GrantableOperation): string {
    const near = this.chance(70);
    const odd = this.chance(10);
    const kinds = odd ? ["Query", "queries", "action:action"] : near ? ["", "", operation.kind] : ["", ...KINDS];
    const owners = near ? [operation.extension ?? ""] : ["", "", ...OWNERS, ...(odd ? ODD_OWNERS : [])];
    const own = operation.name.split(".");
    const kept = this.several(own, own.length).length;
    const segments = near ? own.slice(0, kept) : this.several(odd ? ODD_SEGMENTS : SEGMENTS, 4);
    const [kind, owner] = [this.of(kinds), this.of(owners)];
    const path = this.chance(10) ? this.of(["", "*"]) : segments.join(".") + this.of(ENDS);
    return `${kind === "" ? "" : `${kind}:`}${owner === "" ? "" : `${owner}:`}${path}`;
  }
}

/** What the real one says: null where the text is no grant. */
function verdict(text: string, operation: GrantableOperation): boolean | null {
  try {
    return matchesMethod(parseMethodGrant(text), operation);
  } catch (error) {
    if (isSpacedriveError(error) && error.code === "INVALID_INPUT") return null;
    throw error;
  }
}

function modelVerdict(text: string, operation: GrantableOperation): boolean | null {
  const grant = modelGrant(text);
  return grant === null ? null : modelMatches(grant, operation);
}

describe("permissions and the model written from their grammar", () => {
  it(`agree on ${PAIRS} pairs of a grant and a request`, () => {
    const dice = new Dice(4);
    const seen = new Map<boolean | null, number>([
      [true, 0],
      [false, 0],
      [null, 0],
    ]);
    const disagreements: string[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const operation = dice.operation();
      const text = dice.grantNear(operation);
      const [real, model] = [verdict(text, operation), modelVerdict(text, operation)];
      seen.set(real, (seen.get(real) ?? 0) + 1);
      if (real !== model) disagreements.push(`${text} on ${formatMethod(operation)}: ${real}, and the model ${model}`);
    }
    expect(disagreements).toEqual([]);
    // A test in which nothing is ever granted, or denied, or refused would agree on little.
    for (const count of seen.values()) expect(count).toBeGreaterThan(PAIRS / 20);
  });

  it("agree on who may call what is asked, granted or their own", () => {
    const dice = new Dice(5);
    let allowed = 0;
    for (let round = 0; round < 10_000; round++) {
      const operation = dice.operation();
      const texts = (): string[] =>
        Array.from({ length: 3 }, () => dice.grantNear(operation)).filter((text) => modelGrant(text) !== null);
      const [asked, granted] = [texts(), texts()];
      const id = dice.of(OWNERS.filter(isExtensionId));
      const manifest = parseManifest(
        { id, name: id, version: "1.0.0", wasm_file: "a.wasm", permissions: { methods: asked } },
        "manifest.json",
      );
      const permissions = new ExtensionPermissions(manifest, { methods: granted, libraries: ["*"] });
      const matched = (list: readonly string[]): boolean => list.some((text) => modelVerdict(text, operation) === true);
      const may = operation.extension === id || (matched(asked) && matched(granted));
      if (may) allowed++;
      const method = formatMethod(operation);
      // Twice: what was judged once is remembered.
      for (let time = 0; time < 2; time++) {
        let told = "allowed";
        try {
          permissions.checkMethod(method, operation);
        } catch (error) {
          told = isSpacedriveError(error) ? error.code : String(error);
        }
        const expected = may ? "allowed" : "PERMISSION_DENIED";
        expect([method, asked, granted, told]).toEqual([method, asked, granted, expected]);
      }
    }
    expect(allowed).toBeGreaterThan(1_000);
    expect(allowed).toBeLessThan(9_000);
  });
});

describe("docs/permissions.md", () => {
  const page = readFileSync(new URL("../../../docs/permissions.md", import.meta.url), "utf8");
  const rowsOf = (heading: string): string[][] => {
    const lines = page.split("\n");
    const start = lines.indexOf(heading) + 2;
    const end = lines.findIndex((line, index) => index >= start && !line.startsWith("|"));
    return lines.slice(start, end).map((line) => line.split("|").slice(1, -1));
  };
  const codeIn = (cell: string | undefined): string[] =>
    [...(cell ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
  const examples = rowsOf("| grant | allows | and not |").flatMap(([grants, allowed, denied]) =>
    codeIn(grants).flatMap((grant) => [
      ...methodsIn(allowed).map((method) => [grant, method, true] as const),
      ...methodsIn(denied).map((method) => [grant, method, false] as const),
    ]),
  );
  function methodsIn(cell: string | undefined): string[] {
    return codeIn(cell).filter((text) => /^(query|action):.*\.v[0-9]+$/.test(text));
  }

  it("has an example of every kind of grant", () => {
    expect(examples.length).toBeGreaterThan(25);
  });

  it.each(examples)("is right that %s and %s: %s", (grant, method, allows) => {
    const { version, ...named } = parseMethod(method);
    const operation = { ...named, version: version ?? 1 };
    expect(matchesMethod(parseMethodGrant(grant), operation)).toBe(allows);
    expect(modelVerdict(grant, operation)).toBe(allows);
  });

  it.each(rowsOf("| no grant | because |").flatMap(([cell]) => codeIn(cell)))(
    "is right that %s is no grant",
    (text) => {
      expect(() => parseMethodGrant(text)).toThrowError(expect.objectContaining({ code: "INVALID_INPUT" }));
      expect(modelGrant(text)).toBeNull();
    },
  );
});
