import { cp } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthorDir, authorDir } from "./compile.js";
import { randomness } from "./randomness.js";
import { TestHost } from "./test-host.js";

const fixture = path.join(import.meta.dirname, "fixtures/codec");

describe("the JSON codec", () => {
  let author: AuthorDir;
  let module: WebAssembly.Module;
  let host: TestHost;

  beforeAll(async () => {
    author = await authorDir({}, "codec");
    await cp(fixture, path.join(author.dir, "assembly"), { recursive: true });
    const compiled = await author.compile();
    if (compiled.output !== "") throw new Error(compiled.output);
    module = await WebAssembly.compile(Buffer.from(await author.read("build/codec.wasm")));
    host = new TestHost(module, { answer: () => ({ unix_ms: 1_700_000_000_123, data: "AAECAwQFBgcICQoLDA0ODw==" }) });
  }, 60_000);
  afterAll(() => author[Symbol.asyncDispose]());

  it("carries every string", () => {
    const texts = [
      "",
      "plain",
      'quote " and \\',
      "\u0000\u001f\b\f\n\r\t",
      "grüße 日本語 🎉",
      "\ud83d alone",
      "\udc00",
      "x".repeat(5000),
      "🎉".repeat(1500),
      `a${"🎉".repeat(1500)}`,
    ];
    expect(JSON.parse(host.text("strings", JSON.stringify(texts)))).toEqual(texts);
    expect(JSON.parse(host.text("strings", '["\\u00e9\\/\\ud83c\\udf89 é"]'))).toEqual(["é/🎉 é"]);
  });

  it("lets the last of two equal keys stand", () => {
    expect(host.text("maps", '{"a": 1, "b": 2, "a": 3}')).toBe('{"a":3,"b":2}');
    expect(host.text("maps", '{"__proto__": 1, "\\u0061": 2}')).toBe('{"__proto__":1,"a":2}');
  });

  it("gives an error and never traps, whatever the text", () => {
    const broken = [
      "",
      " ",
      "{",
      "}",
      "[",
      "]",
      "[1",
      "[1,",
      "[,1]",
      "[1,]",
      "[1 2]",
      "{,}",
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{"a":1 "b":2}',
      "{a:1}",
      "{1:1}",
      "nul",
      "nulll",
      "tru",
      "truee",
      "falsy",
      "None",
      "undefined",
      "NaN",
      "Infinity",
      "-",
      "+1",
      "01",
      "-01",
      "1.",
      ".5",
      "1e",
      "1e+",
      "0x10",
      "1_0",
      '"',
      '"a',
      '"\\',
      '"\\x"',
      '"\\u12"',
      '"\\u12g4"',
      '"\n"',
      "'a'",
      "1 2",
      "[] []",
      "\u0000",
      "1\u0000",
      "\ufeff1",
      "//",
      '{"a":1}}',
      "[1]]",
      "[".repeat(200),
      `${"[".repeat(200)}${"]".repeat(200)}`,
      '{"a":'.repeat(300),
    ];
    for (const text of broken) expect(`${JSON.stringify(text)} gives ${host.text("value", text)}`).toMatch(/ gives ! /);
    const bytes = [
      [0x22, 0x80, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xf5, 0x80, 0x80, 0x80, 0x22],
      [0x22, 0xe2, 0x82],
    ];
    for (const text of bytes)
      expect(
        host.operationText(
          "query_list_v1",
          Buffer.concat([Buffer.from('{"text":'), Buffer.from(text), Buffer.from("}")]),
        ),
      ).toContain("not valid UTF-8");
    const next = randomness(3);
    const valid = JSON.stringify({ a: [1, -2.5e3, "x\\y", null, true, { b: "é" }], c: {} });
    for (let i = 0; i < 20_000; i++) {
      const mutated = Buffer.from(valid);
      for (let n = 0; n <= next() % 3; n++) mutated[next() % mutated.length] = next() & 0x7f;
      const text = mutated.toString("latin1");
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect([text, host.text("value", text).startsWith("! ")]).toEqual([text, !isJson]);
    }
  });

  it("takes 128 levels and refuses 129", () => {
    const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(host.text("value", deep(128))).toBe(deep(128));
    expect(host.text("value", deep(129))).toMatch(/nested deeper than 128 levels$/);
    expect(host.operation("query_cycle_v1", {})).toMatchObject({
      code: "OPERATION_FAILED",
      error: "the output cannot be written: nested deeper than 128 levels",
    });
  });

  const full = {
    flag: true,
    small: -128,
    byte: 255,
    word: -2147483648,
    long: -1,
    unsigned: 5,
    real: 0.1,
    title: "t",
    note: "n",
    always: null,
    bytes: "AQID",
    id: "0197f3c0-1111-7000-8000-00000000abcd",
    any: { deep: [1, { x: null }] },
    list: [1, 2],
    names: ["a"],
    table: { pi: 3.14 },
    leaf: { name: "l", weight: 2.5 },
    leaves: [{ name: "m", weight: 1.5 }],
    nested: { k: [{ name: "n", weight: 0 }] },
    colour: 0,
    type: "sort",
    'grüß "dich"': "hallo",
  };

  it("carries a class with everything in it", () => {
    expect(host.operation("query_echo_v2", full)).toEqual(full);
  });

  it("fills in defaults, leaves out fields that are null, and passes over unknown ones", () => {
    const given = { flag: false, always: "x", title: null, unknown: [{ deep: {} }], cache: "no" };
    const { note: _note, leaf: _leaf, ...rest } = full;
    expect(host.operation("query_echo_v2", given)).toEqual({
      ...rest,
      flag: false,
      small: -5,
      byte: 7,
      word: 0,
      long: 0,
      unsigned: 0,
      real: 0,
      title: "untitled",
      always: "x",
      bytes: "",
      id: "00000000-0000-0000-0000-000000000000",
      any: null,
      list: [],
      names: [],
      table: {},
      leaves: [],
      nested: {},
      colour: 1,
      type: "thing",
      'grüß "dich"': "",
    });
  });

  it("names the place of a fault", () => {
    const faultOf = (change: object): unknown => host.operation("query_echo_v2", { ...full, ...change });
    expect(faultOf({ leaves: [{ name: "a" }, { name: 5 }] })).toMatchObject({
      code: "INVALID_INPUT",
      error: "leaves[1].name: expected a string, found a number",
    });
    expect(faultOf({ nested: { k: [{}] } })).toMatchObject({ error: "nested.k[0]: there is no field name" });
    expect(faultOf({ id: "x" })).toMatchObject({ error: "id: expected a UUID" });
    expect(faultOf({ bytes: "*" })).toMatchObject({ error: "bytes: the string is not base64" });
    expect(faultOf({ flag: 1 })).toMatchObject({ error: "flag: expected true or false, found a number" });
    expect(host.operation("query_echo_v2", { always: null })).toMatchObject({ error: "there is no field flag" });
    expect(host.operation("query_echo_v2", [])).toMatchObject({ error: "expected an object, found an array" });
  });

  it("refuses to write a required field that was never set", () => {
    expect(host.operation("action_unset_v1", {})).toMatchObject({
      code: "OPERATION_FAILED",
      error: "the output cannot be written: never set: the required field inner",
    });
  });

  it("answers with lists, nothing, and failures", () => {
    expect(host.operation("query_list_v1", { text: "two words" })).toEqual(["two", "words"]);
    expect(host.operation("action_nothing_v1", {})).toBeNull();
    expect(host.operation("action_nothing_v1", { text: "fail" })).toEqual({
      error: "asked to",
      code: "CONFLICT",
      retryable: true,
    });
  });

  it("takes time and randomness from the host", () => {
    expect(host.operation("query_host_v1", {})).toEqual([
      1_700_000_000_123,
      Number(0x0706050403020100n >> 11n) / 2 ** 53,
    ]);
    expect(host.seen.calls.map((call) => call.method)).toContain("query:host.now.v1");
  });

  it("holds its own assertions, lowered loops and early returns among them", () => {
    host.call("assertions");
    host.call("early_return");
  });

  it("logs where it aborted, and traps", () => {
    const trapped = new TestHost(module);
    expect(() => trapped.call("trap")).toThrow(WebAssembly.RuntimeError);
    expect(trapped.seen.logs).toHaveLength(1);
    expect(trapped.seen.logs[0]?.level).toBe(3);
    expect(trapped.seen.logs[0]?.message).toMatch(/^on purpose at assembly\/index\.ts:\d+:3$/);
  });

  it("keeps its memory while it reads and fails a hundred thousand times", () => {
    const patient = new TestHost(module);
    const run = (times: number): void => {
      for (let i = 0; i < times; i++) {
        patient.text("strings", '["abc", "d\\u0065f", "x"]');
        patient.text("value", '{"a": [1, {"b": }]}');
      }
    };
    run(2_000);
    const before = patient.memoryBytes;
    run(50_000);
    expect(patient.memoryBytes).toBe(before);
  }, 60_000);

  it("describes its classes in the manifest, as JSON Schemas", async () => {
    const manifest: {
      operations: {
        name: string;
        input: object;
        output: object;
        description?: string;
        scope: string;
        version: number;
      }[];
    } = JSON.parse((await author.read("manifest.json")).toString());
    const schema = (name: string): (typeof manifest.operations)[number] | undefined =>
      manifest.operations.find((one) => one.name === name);
    expect(schema("echo")).toMatchObject({ version: 2, scope: "library", description: "Gives back what it gets." });
    expect(schema("echo")?.input).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        flag: { type: "boolean" },
        small: { type: "integer", minimum: -128, maximum: 127, default: -5 },
        byte: { type: "integer", minimum: 0, maximum: 255, default: 7 },
        word: { type: "integer", minimum: -2147483648, maximum: 2147483647, default: 0 },
        long: { type: ["integer", "string"], default: 0 },
        unsigned: { type: ["integer", "string"], minimum: 0, default: 0 },
        real: { type: "number", default: 0 },
        title: { type: "string", default: "untitled" },
        note: { type: ["string", "null"] },
        always: { type: ["string", "null"] },
        bytes: { type: "string", contentEncoding: "base64" },
        id: { type: "string", format: "uuid" },
        any: {},
        list: { type: "array", items: { type: "integer", minimum: -2147483648, maximum: 2147483647 } },
        names: { type: "array", items: { type: "string" } },
        table: { type: "object", additionalProperties: { type: "number" } },
        leaf: { anyOf: [{ $ref: "#/$defs/Leaf" }, { type: "null" }] },
        leaves: { type: "array", items: { $ref: "#/$defs/Leaf" } },
        nested: { type: "object", additionalProperties: { type: "array", items: { $ref: "#/$defs/Leaf" } } },
        colour: { type: "integer", minimum: -2147483648, maximum: 2147483647 },
        type: { type: "string", default: "thing" },
        'grüß "dich"': { type: "string", default: "" },
      },
      required: ["flag", "always"],
      $defs: {
        Leaf: {
          type: "object",
          properties: { name: { type: "string" }, weight: { type: "number", default: 1.5 } },
          required: ["name"],
        },
      },
    });
    expect(schema("tree")).toMatchObject({
      scope: "host",
      input: { properties: { children: { items: { $ref: "#" } } } },
    });
    expect(schema("nothing")?.output).toEqual({ type: "null" });
    expect(schema("list")?.output).toMatchObject({ type: "array", items: { type: "string" } });
  });
});
