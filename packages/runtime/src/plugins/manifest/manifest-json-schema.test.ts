import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { manifestJsonSchema } from "./manifest-json-schema.js";
import { manifestSchema } from "./manifest-schema.js";

const accepts = new Ajv2020({ strict: false }).compile(manifestJsonSchema());

const MINIMAL = { id: "finance", name: "Finance", version: "1.0.0", wasm_file: "build/finance.wasm" };
const operation = { kind: "query", name: "summary", export: "query_summary_v1", input: {}, output: {} };

/** Every one is a manifest with one thing set; right ones and wrong ones. */
const CHANGES: readonly Record<string, unknown>[] = [
  {},
  { $schema: "./manifest.schema.json" },
  { colour: "red" },
  ...["a", "a".repeat(64), "a".repeat(65), "../a", "query", "queryx", "A", "", 3].map((id) => ({ id })),
  ...["a.wasm", "./a.wasm", "../a.wasm", "x/../a.wasm", "/a.wasm", "c:/a.wasm", "a\\b", "", null].map((wasm_file) => ({
    wasm_file,
  })),
  ...["1", "1\n", "1\u202e", "1\ud800", ""].map((version) => ({ version })),
  ...["", "x", "x\n", "x".repeat(256), "x".repeat(257)].map((name) => ({ name })),
  ...[1, 2, 0, 1.5, "1"].map((abi) => ({ abi })),
  ...["wasm", "wasi"].map((engine) => ({ engine })),
  ...[["vdfs."], ["*"], [""], ["query:"], ["query:a.input"], ["host:"], ["A"], "vdfs.", [3]].map((methods) => ({
    permissions: { methods },
  })),
  ...[["*"], ["home"], ["6f1c7bd4-5b0a-4a7e-9d53-0d2c1b1f8a11"], []].map((libraries) => ({
    permissions: { libraries },
  })),
  ...[0, 1, 1.5, "1", null].map((requests_per_minute) => ({ permissions: { rate_limits: { requests_per_minute } } })),
  ...["https://example.com", null, 3].map((homepage) => ({ homepage })),
  ...[{}, null, []].map((config_schema) => ({ config_schema })),
  ...[0, 1, 64, null].map((max_memory_mb) => ({ permissions: { max_memory_mb } })),
  { permissions: { metods: [] } },
  { permissions: null },
  ...["import", "a-b.c", "", "-a", "a b"].map((name) => ({ jobs: [{ name, export: "x" }] })),
  { jobs: [{ name: "a" }] },
  { jobs: [{ name: "a", export: "x", resumable: "yes" }] },
  { jobs: [{ name: "a", export: "x", state: { type: "object" }, result: { type: "string" } }] },
  { jobs: [{ name: "a", export: "x", state: 3 }] },
  ...["summary", "a.b_c", "a.input", "summary.v1", "Summary", "a..b", ""].map((name) => ({
    operations: [{ ...operation, name }],
  })),
  ...["query", "action", "job"].map((kind) => ({ operations: [{ ...operation, kind }] })),
  ...["library", "host", "none"].map((scope) => ({ operations: [{ ...operation, scope }] })),
  ...[1, 999_999, 1_000_000, 0].map((version) => ({ operations: [{ ...operation, version }] })),
  { operations: [{ kind: "query", name: "summary", export: "x", input: {} }] },
];

describe("the published JSON Schema", () => {
  it.each(CHANGES)("accepts or refuses %j as the runtime does", (change) => {
    const manifest = { ...MINIMAL, ...change };
    expect(accepts(manifest)).toBe(manifestSchema.safeParse(manifest).success);
  });

  it("judges ids, files, grants and names of any text as the runtime does", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.stringMatching(/^(query:|action:|host:|f:)?[a-z.*_:/\\ v1]{0,10}(input)?(\.v1)?$/),
    );
    fc.assert(
      fc.property(text, text, text, text, (id, wasm_file, method, name) => {
        for (const change of [
          { id },
          { wasm_file },
          { permissions: { methods: [method] } },
          { operations: [{ ...operation, name }] },
        ]) {
          const manifest = { ...MINIMAL, ...change };
          expect(accepts(manifest)).toBe(manifestSchema.safeParse(manifest).success);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("accepts a manifest without defaults filled in, and says what each key is for", () => {
    expect(accepts(MINIMAL)).toBe(true);
    expect(JSON.stringify(manifestJsonSchema())).toContain("Path of the WebAssembly module");
  });
});
