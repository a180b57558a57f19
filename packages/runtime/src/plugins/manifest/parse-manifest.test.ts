import { isSpacedriveError, type SpacedriveError } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { type ManifestProblem, parseManifest } from "./parse-manifest.js";

const MINIMAL = { id: "finance", name: "Finance", version: "1.0.0", wasm_file: "build/finance.wasm" };

function problems(value: unknown): readonly ManifestProblem[] {
  const error = refusalOf(value);
  // Proof: parseManifest puts its problems there.
  return (error?.details["problems"] ?? []) as readonly ManifestProblem[];
}

function refusalOf(value: unknown): SpacedriveError | null {
  try {
    parseManifest(value, "finance/manifest.json");
    return null;
  } catch (error) {
    if (isSpacedriveError(error)) return error;
    throw error;
  }
}

const operation = { kind: "query", name: "summary", export: "query_summary_v1", input: {}, output: {} };

describe("a manifest", () => {
  it("in Spacedrive's own format is valid as it is", () => {
    const theirs = {
      id: "test-extension",
      name: "Test Extension",
      version: "0.1.0",
      description: "What it is",
      author: "Somebody",
      homepage: "https://example.com",
      wasm_file: "test_extension.wasm",
      permissions: {
        methods: ["query:", "action:"],
        libraries: ["*"],
        rate_limits: { requests_per_minute: 1000, concurrent_jobs: 10 },
        network_access: [],
        max_memory_mb: 256,
      },
    };
    expect(parseManifest(theirs, "manifest.json")).toMatchObject(theirs);
  });

  it("takes null, which Spacedrive's tools write for what is not there, for absence", () => {
    const written = { ...MINIMAL, homepage: null, config_schema: null, permissions: { max_memory_mb: null } };
    expect(parseManifest(written, "manifest.json")).toEqual(parseManifest(MINIMAL, "manifest.json"));
    expect(() => parseManifest({ ...MINIMAL, name: null }, "manifest.json")).toThrow(/name/);
  });

  it("gets Spacedrive's defaults for what it leaves out, and ours", () => {
    expect(parseManifest(MINIMAL, "manifest.json")).toEqual({
      ...MINIMAL,
      description: "",
      author: "",
      abi: 1,
      engine: "wasm",
      jobs: [],
      operations: [],
      permissions: {
        methods: [],
        libraries: ["*"],
        rate_limits: { requests_per_minute: 1000, concurrent_jobs: 10 },
        network_access: [],
      },
    });
  });

  it("that is refused says MANIFEST_INVALID, and the file, path and fault of each problem", () => {
    const error = refusalOf({ ...MINIMAL, version: 1, colour: "red" });
    expect(error?.code).toBe("MANIFEST_INVALID");
    expect(error?.message).toMatch(/^finance\/manifest\.json: version: expected string.*; colour: unknown key/);
  });

  it("with several faults lists them all, each with its path", () => {
    const faulty = {
      id: "Finance",
      version: 1,
      wasmFile: "a.wasm",
      wasm_file: "../a.wasm",
      permissions: { methods: ["vdfs.", "ai .ocr"], method: [], rate_limits: { requests_per_minute: "many" } },
      jobs: [{ name: "import", exports: "execute_import" }],
    };
    expect(
      problems(faulty)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([
      "id",
      "jobs[0].export",
      "jobs[0].exports",
      "name",
      "permissions.method",
      "permissions.methods[1]",
      "permissions.rate_limits.requests_per_minute",
      "version",
      "wasmFile",
      "wasm_file",
    ]);
  });

  it.each([
    [{ wasmFile: "a.wasm" }, "wasmFile", "wasm_file"],
    [{ permission: {} }, "permission", "permissions"],
    [{ permissions: { max_memory: 3 } }, "permissions.max_memory", "max_memory_mb"],
    [
      { permissions: { rate_limits: { concurrentJobs: 3 } } },
      "permissions.rate_limits.concurrentJobs",
      "concurrent_jobs",
    ],
    [{ operations: [{ ...operation, outptu: {} }] }, "operations[0].outptu", "output"],
  ])("with an unknown key %j names its path and the key that was meant", (extra, path, meant) => {
    const [problem] = problems({ ...MINIMAL, ...extra });
    expect(problem).toEqual({ path, message: `unknown key; did you mean "${meant}"?` });
  });

  it("with an unknown key that is near no other lists the known ones", () => {
    expect(problems({ ...MINIMAL, kinds_of_files: [] })[0]?.message).toContain("known here: $schema, id, name");
  });

  it("says of a key that is missing that it is missing", () => {
    const { name: _, ...nameless } = MINIMAL;
    expect(problems(nameless)).toEqual([{ path: "name", message: "missing; expected string" }]);
  });

  it.each([
    "../finance",
    "..",
    "a/b",
    "a\\b",
    "Finance",
    "query",
    "action",
    "host",
    "__proto__",
    "-a",
    "",
    "a".repeat(65),
    "a\0b",
    "con:",
  ])("may not have the id %j", (id) => {
    expect(problems({ ...MINIMAL, id }).map(({ path }) => path)).toEqual(["id"]);
  });

  it("may have an id of 64 characters", () => {
    expect(problems({ ...MINIMAL, id: "a".repeat(64) })).toEqual([]);
  });

  it.each([
    "../a.wasm",
    "build/../../a.wasm",
    "..",
    "/etc/passwd",
    "C:/a.wasm",
    "C:a.wasm",
    "build\\a.wasm",
    "a\0.wasm",
    "",
    "build/..",
  ])("may not have the wasm_file %j", (wasm_file) => {
    expect(problems({ ...MINIMAL, wasm_file })[0]).toMatchObject({ path: "wasm_file" });
  });

  it.each(["a.wasm", "build/a.wasm", "./a.wasm", "..a.wasm", "a..b/c.wasm"])(
    "may have the wasm_file %j",
    (wasm_file) => {
      expect(problems({ ...MINIMAL, wasm_file })).toEqual([]);
    },
  );

  it("with __proto__ or constructor as a key is refused like any unknown key, and harms nothing", () => {
    const text = JSON.stringify(MINIMAL).replace(
      "{",
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
    );
    // A test may read JSON that it wrote itself.
    expect(problems(JSON.parse(text)).map(({ path }) => path)).toEqual(["__proto__", "constructor"]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it.each([null, [], "text", 3, true])("that is %j is refused", (value) => {
    expect(problems(value)).toMatchObject([{ path: "(top)" }]);
  });

  it.each(["\u202e", "\u200b", "\u2028", "\u00ad", "\u{e0041}"])(
    "with %j in what stands between words of the host is refused",
    (letter) => {
      const written = {
        ...MINIMAL,
        version: `1${letter}`,
        wasm_file: `a${letter}.wasm`,
        permissions: { network_access: [`a${letter}.example`] },
        jobs: [{ name: "import", export: `run${letter}` }],
      };
      expect(problems(written).map(({ path }) => path)).toEqual([
        "version",
        "wasm_file",
        "permissions.network_access[0]",
        "jobs[0].export",
      ]);
      // In what is shown by itself scripts that are read from right to left may need them.
      expect(problems({ ...MINIMAL, name: `\u05d1${letter}`, description: letter })).toEqual([]);
    },
  );

  it("with control characters in a name is refused: names are printed", () => {
    expect(problems({ ...MINIMAL, name: "\u001b[2J", version: "1\n" }).map(({ path }) => path)).toEqual([
      "name",
      "version",
    ]);
  });

  it("is refused in words that a terminal can show, whatever it holds", () => {
    const inputs = [{ $ref: "#/\u001b[2Jx" }, { type: "\u001b[2Jfoo" }];
    const operations = inputs.map((input, index) => ({ ...operation, version: index + 1, input }));
    const error = refusalOf({ ...MINIMAL, operations, "\u202e\u009bkey": 1 });
    expect(error?.message).toContain("#/\\x1b[2Jx");
    expect(error?.message).toContain("\\x1b[2Jfoo");
    expect(error?.message).toContain("\\u202e\\x9bkey: unknown key");
    expect(JSON.stringify(error?.details)).not.toMatch(/[\u0080-\u009f\u202e]|\\u001b/);
  });

  it("with a thousand faults lists twenty, and says how many more there are", () => {
    const operations = Array.from({ length: 1_000 }, () => ({ ...operation, kind: "q".repeat(1_000) }));
    const error = refusalOf({ ...MINIMAL, operations });
    expect(error?.message).toMatch(/operations\[19\]\.kind: [^;]*; and 980 more$/);
    expect(error?.message.length).toBeLessThan(12_000);
  });

  it("may not declare a job or an operation twice", () => {
    const jobs = [
      { name: "a", export: "x" },
      { name: "a", export: "y" },
    ];
    expect(problems({ ...MINIMAL, jobs })).toEqual([{ path: "jobs[1]", message: 'the job "a" is declared twice' }]);
    const operations = [operation, { ...operation, version: 1, export: "other" }];
    expect(problems({ ...MINIMAL, operations })).toEqual([
      { path: "operations[1]", message: 'the operation "query:summary.v1" is declared twice' },
    ]);
    expect(problems({ ...MINIMAL, operations: [operation, { ...operation, version: 2 }] })).toEqual([]);
  });

  it.each([
    [{ type: "wat" }, "Unsupported type"],
    [{ $ref: "https://example.com/schema" }, "External $ref"],
    [{ type: "string", pattern: "(a+)+$" }, '"pattern" is not allowed'],
    [{ type: "object", properties: { a: { patternProperties: {} } } }, '"patternProperties" is not allowed'],
    [{ type: "object", properties: { enum: { pattern: "(a+)+$" } } }, '"pattern" is not allowed'],
    [{ $ref: "#/$defs/default", $defs: { default: { pattern: "(a+)+$" } } }, '"pattern" is not allowed'],
    [{ type: ["object", "object"] }, '"type" names a type twice'],
    [{ $ref: "#" }, "refers to itself"],
    [{ $ref: "#/$defs/a", $defs: { a: { allOf: [{ $ref: "#/$defs/a" }] } } }, "refers to itself"],
    [
      { type: "object", properties: { left: { anyOf: [{ $ref: "#" }, { $ref: "#" }] } } },
      "repeats itself in two ways for one value",
    ],
    [
      { type: "object", properties: { x: { $ref: "#" } }, allOf: [{ properties: { x: { $ref: "#" } } }] },
      "repeats itself in two ways for one value",
    ],
    [nested(101), "nested more than 100 levels deep"],
    [nested(9_000, "not"), "nested more than 100 levels deep"],
    [chain(201), "refers to more than 200 different schemas"],
    [chain(3_000), "refers to more than 200 different schemas"],
    [doublingSchema(14), "more than 10000 parts with its references"],
  ])("may not have the schema %j", (input, reason) => {
    const [problem] = problems({ ...MINIMAL, operations: [{ ...operation, input }] });
    expect(problem).toMatchObject({ path: "operations[0].input", message: expect.stringContaining(reason) });
  });

  it.each([
    { type: "object", properties: { left: { $ref: "#" }, right: { anyOf: [{ $ref: "#" }, { type: "null" }] } } },
    {
      type: "array",
      items: { $ref: "#/$defs/a" },
      $defs: { a: { type: "object", additionalProperties: { $ref: "#" } } },
    },
    { oneOf: Array.from({ length: 500 }, (_, i) => ({ const: i })) },
    doublingSchema(10),
    nested(100),
  ])("may have the schema %j", (input) => {
    expect(problems({ ...MINIMAL, operations: [{ ...operation, input }] })).toEqual([]);
  });

  it("may not have schemas of more than 50,000 parts together", () => {
    const input = { anyOf: Array.from({ length: 4_000 }, () => ({})) };
    const operations = Array.from({ length: 7 }, (_, index) => ({ ...operation, version: index + 1, input }));
    expect(problems({ ...MINIMAL, operations })).toEqual([
      { path: "(top)", message: "its schemas have more than 50000 parts together" },
    ]);
  });

  it("may have a schema that refers to 200 different ones", () => {
    expect(problems({ ...MINIMAL, operations: [{ ...operation, input: chain(200) }] })).toEqual([]);
  });

  it("may have schemas with a field that is called pattern", () => {
    const input = { type: "object", properties: { pattern: { type: "string" } } };
    expect(problems({ ...MINIMAL, operations: [{ ...operation, input }] })).toEqual([]);
  });
});

function nested(levels: number, keyword = "items"): Record<string, unknown> {
  let schema: Record<string, unknown> = {};
  for (let level = 1; level < levels; level++) schema = { type: "array", [keyword]: schema };
  return schema;
}

/** So many definitions, each of which refers to the next. */
function chain(links: number): Record<string, unknown> {
  const definitions = Array.from({ length: links }, (_, at): [string, object] => [
    `d${at}`,
    at === links - 1 ? {} : { type: "array", items: { $ref: `#/$defs/d${at + 1}` } },
  ]);
  return { $ref: "#/$defs/d0", $defs: Object.fromEntries(definitions) };
}

/** Twice as many parts with each level. */
function doublingSchema(levels: number): Record<string, unknown> {
  const twice = (level: number): object => ({ allOf: [{ $ref: `#/$defs/d${level}` }, { $ref: `#/$defs/d${level}` }] });
  const levelsBelow = Array.from({ length: levels }, (_, level) => [`d${level + 1}`, level === 0 ? {} : twice(level)]);
  return { ...twice(levels), $defs: Object.fromEntries(levelsBelow) };
}
