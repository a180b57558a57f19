import { formatMethod, isSpacedriveError, parseMethod } from "@spacedrive/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GrantableOperation, matchesMethod, narrowestGrant, parseMethodGrant } from "./method-grant.js";

function operation(method: string): GrantableOperation {
  const { version, ...rest } = parseMethod(method);
  return { ...rest, version: version ?? 1 };
}

function grants(grant: string, method: string): boolean {
  return matchesMethod(parseMethodGrant(grant), operation(method));
}

function outcomeOf(work: () => unknown): string {
  try {
    work();
    return "parsed";
  } catch (error) {
    return isSpacedriveError(error) ? error.code : String(error);
  }
}

describe("a method grant", () => {
  it.each([
    ["vdfs.", "query:vdfs.list_entries.v1"],
    ["vdfs.*", "query:vdfs.list_entries.v1"],
    ["vdfs", "action:vdfs.write_sidecar.input.v2"],
    ["ai.ocr", "query:ai.ocr.v1"],
    ["ai.ocr", "query:ai.ocr.v7"],
    ["query:", "query:ai.ocr.v1"],
    ["query:*", "query:ai.ocr.v1"],
    ["action:vdfs.", "action:vdfs.write_sidecar.input.v1"],
    ["query:ai.ocr.v1", "query:ai.ocr.v1"],
    ["ai.ocr.v1", "query:ai.ocr.v1"],
    ["action:vdfs.write_sidecar.input.v1", "action:vdfs.write_sidecar.input.v1"],
    ["action:vdfs.write_sidecar.input", "action:vdfs.write_sidecar.input.v3"],
    ["vdfs.write_sidecar.input", "action:vdfs.write_sidecar.input.v3"],
    ["finance:", "query:finance:summary.v1"],
    ["finance:*", "action:finance:import.input.v1"],
    ["finance:summary", "query:finance:summary.v1"],
    ["query:finance:", "query:finance:summary.v1"],
  ])("%s grants %s", (grant, method) => {
    expect(grants(grant, method)).toBe(true);
  });

  it.each([
    ["ai", "query:aircraft.fly.v1"],
    ["ai.", "query:aircraft.fly.v1"],
    ["ai.ocr", "query:ai.ocr_everything.v1"],
    ["ai.ocr", "query:ai.v1"],
    ["query:", "action:vdfs.write_sidecar.input.v1"],
    ["action:vdfs.", "query:vdfs.list_entries.v1"],
    ["query:ai.ocr.v1", "query:ai.ocr.v2"],
    ["ai.ocr.v1", "query:ai.ocr.deep.v1"],
    ["vdfs.write_sidecar.input", "query:vdfs.write_sidecar.v1"],
    ["query:", "query:finance:summary.v1"],
    ["finance", "query:finance:summary.v1"],
    ["finance:", "query:finance.summary.v1"],
    ["finance:", "query:finances:summary.v1"],
    ["finance:sum", "query:finance:summary.v1"],
  ])("%s does not grant %s", (grant, method) => {
    expect(grants(grant, method)).toBe(false);
  });

  it.each([
    "",
    "*",
    ":",
    ".",
    "..",
    "vdfs..",
    "vdfs.*.x",
    "VDFS.",
    "query:query:",
    "host:now",
    "fin ance:",
    "vdfs.**",
    "query:x.input",
    "query:x.input.v1",
    "a:b:c",
    "__proto__",
    `${"a".repeat(257)}`,
  ])("refuses %j", (text) => {
    expect(outcomeOf(() => parseMethodGrant(text))).toBe("INVALID_INPUT");
  });

  const segment = fc
    .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
    .filter((text) => text !== "input" && !/^v[1-9][0-9]{0,5}$/.test(text));
  const anyOperation: fc.Arbitrary<GrantableOperation> = fc.record({
    kind: fc.constantFrom("query", "action"),
    extension: fc.option(
      fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((id) => !["query", "action", "host"].includes(id)),
    ),
    name: fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join(".")),
    version: fc.integer({ min: 1, max: 999_999 }),
  });

  it("written as the operation's own method string grants that operation, and no other kind, owner or version", () => {
    fc.assert(
      fc.property(anyOperation, anyOperation, (one, other) => {
        const grant = parseMethodGrant(formatMethod(one));
        expect(matchesMethod(grant, one)).toBe(true);
        expect(matchesMethod(grant, other)).toBe(formatMethod(other) === formatMethod(one));
      }),
    );
  });

  it("matches by whole segments: what it grants starts with its text and then a dot or nothing", () => {
    fc.assert(
      fc.property(anyOperation, anyOperation, (granted, called) => {
        const matches = matchesMethod(parseMethodGrant(narrowestGrant(granted)), called);
        const own = narrowestGrant(granted);
        const name = narrowestGrant(called);
        expect(matches).toBe(name === own || name.startsWith(`${own}.`));
      }),
    );
  });

  it("in a longer name or a narrower kind never grants more", () => {
    fc.assert(
      fc.property(anyOperation, segment, anyOperation, (granted, more, called) => {
        const wide = narrowestGrant(granted);
        for (const narrow of [`${wide}.${more}`, `${granted.kind}:${wide}`, `${wide}.v${granted.version}`]) {
          const more =
            matchesMethod(parseMethodGrant(narrow), called) && !matchesMethod(parseMethodGrant(wide), called);
          expect(more).toBe(false);
        }
      }),
    );
  });

  it("takes any text without failing otherwise than by its code", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), anyOperation, (text, called) => {
        expect(["parsed", "INVALID_INPUT"]).toContain(outcomeOf(() => matchesMethod(parseMethodGrant(text), called)));
      }),
    );
  });
});
