import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { extensionFields } from "../transform/extension-fields.js";
import { authorDir, type Compiled } from "./compile.js";

const IMPORT = `import { done, ExtensionContext, fail, JobContext, orReturn, Result, text } from "@spacedrive/sdk";`;
const GOOD = `@json class State { n: u32 = 0; }`;

/** Compiles `code`, whose line 1 is the import. */
async function compiled(code: string, files: Readonly<Record<string, string>> = {}): Promise<Compiled> {
  await using author = await authorDir({ "index.ts": `${IMPORT}\n${code}`, ...files }, "x");
  return await author.compile();
}

/** Where the first diagnostic that says `message` points, as line,column. */
function placeOf({ output }: Compiled, message: string): string | undefined {
  const at = output.indexOf(message);
  return at < 0
    ? `nobody said: ${message}\n${output}`
    : /in assembly\/\w+\.ts\((\d+,\d+)\)/.exec(output.slice(at))?.[1];
}

const EXTENSION = `@extension({ id: "x", name: "X", version: "1.0.0" })`;

describe("an author's mistakes in the manifest", () => {
  it("are reported at the field, with what it should be", async () => {
    const result = await compiled(`@extension({
  id: "Bad Id",
  nmae: "X",
  version: 1,
  hompage: "y",
  permissions: {
    methods: "vdfs.",
    libraries: ["mine"],
    rateLimits: { requestsPerMinute: 0 },
    max_memory_mb: 5,
  },
})
class X {}`);
    expect(result.ok).toBe(false);
    expect(placeOf(result, "@extension.id must be lower-case letters")).toBe("3,7");
    expect(placeOf(result, "@extension has no field `nmae`; did you mean `name`?")).toBe("4,3");
    expect(placeOf(result, "@extension.version must be a version")).not.toBe("5,12");
    expect(placeOf(result, "@extension.version must be a string")).toBe("5,12");
    expect(placeOf(result, "did you mean `homepage`?")).toBe("6,3");
    expect(placeOf(result, "@extension.permissions.methods must be an array of strings")).toBe("8,14");
    expect(placeOf(result, '@extension.permissions.libraries holds "*" or UUIDs')).toBe("9,17");
    expect(placeOf(result, "requestsPerMinute must be an integer of at least 1")).toBe("10,38");
    expect(placeOf(result, "did you mean `maxMemoryMb`?")).toBe("11,5");
    expect(placeOf(result, "@extension needs the field `name`")).toBe("2,12");
  });

  it.each(["*", "vdfs*", "vdfs..read", "Vdfs.", "query:vdfs.write.input.v1", "", `a${"b".repeat(256)}`])(
    "are reported at the line of permissions.methods that is not a grant: %s",
    async (grant) => {
      const result = await compiled(`@extension({
  id: "x",
  name: "X",
  version: "1",
  permissions: { methods: ["vdfs.", "${grant}"] },
})
class X {}`);
      expect(result.ok).toBe(false);
      expect(placeOf(result, "@extension.permissions.methods holds method grants: a family")).toBe("6,37");
    },
  );

  it("in grants are those that the runtime would refuse", async () => {
    const { permissions } = extensionFields;
    const methods = permissions?.type === "object" ? permissions.fields["methods"] : undefined;
    const pattern = methods?.type === "strings" ? methods.pattern : undefined;
    const runtime = path.join(import.meta.dirname, "../../runtime/src/plugins/manifest/method-grant-pattern.ts");
    const text = await readFile(runtime, "utf8");
    expect(text).toContain(`/${pattern?.source.replace("(?!.{257})", "")}/`);
    expect(text).toContain("MAX_METHOD_GRANT_LENGTH = 256");
  });

  it("are reported where no class is the extension, and leave the last manifest as it is", async () => {
    await using author = await authorDir({ "index.ts": `${IMPORT}\n${GOOD}\nexport function f(): void {}` }, "x");
    await writeFile(path.join(author.dir, "manifest.json"), "old");
    const result = await author.compile();
    expect(result.ok).toBe(false);
    expect(placeOf(result, "no @extension class is here, nor in what this file imports")).toBe("1,1");
    expect((await author.read("manifest.json")).toString()).toBe("old");
  });

  it("are reported where something is not written out or not there", async () => {
    const result = await compiled(`const NAME = "x";\n@extension({ id: NAME, name: "X", version: "1" })\nclass X {}`);
    expect(placeOf(result, "@extension is read at compile time")).toBe("3,18");
    const bare = await compiled(`@extension class X {}`);
    expect(placeOf(bare, "@extension needs the manifest")).toBe("2,18");
  });

  it("are reported where two classes are the extension", async () => {
    const result = await compiled(`${EXTENSION} class A {}\n${EXTENSION} class B {}`);
    expect(placeOf(result, "an extension has one @extension class, and `A` is it already")).toBe("3,60");
  });

  it("are reported where asconfig.json writes another file than the manifest names", async () => {
    await using author = await authorDir(
      { "index.ts": `${IMPORT}\n@extension({ id: "y", name: "Y", version: "1" }) class Y {}` },
      "x",
    );
    const result = await author.compile();
    expect(placeOf(result, 'asconfig.json writes "build/x.wasm", but the manifest names "build/y.wasm"')).toBe("2,56");
  });
});

describe("an author's mistakes in handlers", () => {
  it("are reported at the handler", async () => {
    const result = await compiled(`${GOOD}
class Plain { x: i32 = 0; }
@json class Failing { error: string = ""; }
${EXTENSION}
class X {
  @job("a") static a(ctx: JobContext, state: Plain): Result<void> { return done(); }
  @job("b") static b(ctx: ExtensionContext, state: State): Result<void> { return done(); }
  @job("c") static c(ctx: JobContext): Result<void> { return done(); }
  @job("d") static d(ctx: JobContext, state: State): void {}
  @job("e") e(ctx: JobContext, state: State): Result<void> { return done(); }
  @job("f") static f(ctx: JobContext, state: State): Result<void> { return done(); }
  @job("f") static g(ctx: JobContext, state: State): Result<void> { return done(); }
  @job("bad name") static h(ctx: JobContext, state: State): Result<void> { return done(); }
  @query({ name: "i", version: 0 }) static i(ctx: ExtensionContext, input: State): Result<State> { return done(input); }
  @query({ name: "j", scope: "world" }) static j(ctx: ExtensionContext, input: State): Result<State> { return done(input); }
  @query({ name: "K" }) static k(ctx: ExtensionContext, input: State): Result<State> { return done(input); }
  @query({ name: "l" }) static l(ctx: JobContext, input: string): Result<Plain> { return done(new Plain()); }
  @action({ name: "m" }) static m(ctx: ExtensionContext, input: State): Result<Failing> { return done(new Failing()); }
  @query({ name: "n" }) static n(ctx: ExtensionContext, input: Missing): Result<() => void> { return done(null); }
  @job("r") static r(ctx: JobContext, state: State): Result<void> { state = new State(); return done(); }
  static onInit(): Result<void> { return done(); }
  onCleanup(ctx: ExtensionContext): Result<void> { return done(); }
}
@job("o") export function o(ctx: JobContext, state: State): Result<void> { return done(); }
class Other { @query({ name: "p" }) static p(ctx: ExtensionContext, input: State): Result<State> { return done(input); } }
export function plugin_init(): i32 { return 0; }`);
    expect(result.ok).toBe(false);
    expect(placeOf(result, "`Plain` is not a @json class; write @json before `class Plain`")).toBe("7,46");
    expect(placeOf(result, "the first parameter of a job is a JobContext")).toBe("8,27");
    expect(placeOf(result, "`c` takes two parameters")).toBe("9,20");
    expect(placeOf(result, "a job returns a Result")).toBe("10,54");
    expect(placeOf(result, "`e` must be static")).toBe("11,13");
    expect(placeOf(result, 'two jobs would have the name "f" and the export `execute_f`; the other is `f`')).toBe(
      "13,3",
    );
    expect(placeOf(result, "@job.name must be letters, digits")).toBe("14,8");
    expect(placeOf(result, "@query.version must be an integer of at least 1")).toBe("15,32");
    expect(placeOf(result, '@query.scope must be "library" or "host"')).toBe("16,30");
    expect(placeOf(result, "@query.name must be lower-case letters")).toBe("17,18");
    expect(placeOf(result, "the first parameter of a query is a ExtensionContext")).toBe("18,39");
    expect(placeOf(result, "the input of a query is a @json class")).toBe("18,58");
    expect(placeOf(result, "the output of an operation cannot have a field `error`")).toBe("4,23");
    expect(placeOf(result, "the input of a query cannot carry `Missing`")).toBe("20,64");
    expect(placeOf(result, "the output of an operation cannot carry a function")).toBe("20,81");
    expect(placeOf(result, "`state` stays the object that the job was handed")).toBe("21,69");
    expect(placeOf(result, "`onInit` must be `static onInit(ctx: ExtensionContext): Result<void>`")).toBe("22,10");
    expect(placeOf(result, "`onCleanup` must be")).toBe("23,3");
    expect(placeOf(result, "@job stands before a static method of the @extension class")).toBe("25,1");
    expect(placeOf(result, "@query stands before a static method of the @extension class")).toBe("26,15");
    expect(placeOf(result, "`plugin_init` is an export that the SDK writes")).toBe("27,17");
  });
});

describe("an author's mistakes in @json classes", () => {
  it("are reported at the field", async () => {
    const result = await compiled(
      `import { Far } from "./far";
@json class A {
  a: u32 | null = null;
  b: Map<i32, string> = new Map<i32, string>();
  c: Set<string> = new Set<string>();
  d: Far = new Far();
  readonly e: string = "";
  @rename(5) f: string = "";
  @rename("f") g: string = "";
  h: () => void;
  i: Gone | null = null;
}
@json class B<T> { a: i32 = 0; }
@json class C extends A { }
@json class D { constructor(x: i32) { } }
@json abstract class E { }
class F { @skip a: i32 = 0; }
@json function g(): void {}
`,
      { "far.ts": "export class Far { x: i32 = 0; }" },
    );
    expect(placeOf(result, "AssemblyScript has no nullable `u32`")).toBe("4,6");
    expect(placeOf(result, "the keys of a JSON object are strings")).toBe("5,6");
    expect(placeOf(result, "a @json field cannot carry `Set<string>`")).toBe("6,6");
    expect(placeOf(result, "`Far` is not a @json class; write @json before `class Far`")).toBe("7,6");
    expect(placeOf(result, "the field `e` is read from JSON, so it cannot be readonly")).toBe("8,12");
    expect(placeOf(result, "@rename takes the name that JSON has for the field")).toBe("9,3");
    expect(placeOf(result, 'two fields of `A` have the JSON name "f"')).toBe("10,16");
    expect(placeOf(result, "a @json field cannot carry a function")).toBe("11,6");
    expect(placeOf(result, "a @json field cannot carry `Gone | null`")).toBe("12,6");
    expect(placeOf(result, "the @json class `B` cannot have type parameters")).toBe("14,13");
    expect(placeOf(result, "the @json class `C` cannot extend another class")).toBe("15,23");
    expect(placeOf(result, "every constructor parameter needs a default")).toBe("16,17");
    expect(placeOf(result, "the @json class `E` cannot be abstract")).toBe("17,22");
    expect(placeOf(result, "@skip stands before a field of a @json class")).toBe("18,11");
    expect(placeOf(result, "@json stands before a class")).toBe("19,1");
  });
});

describe("what a guest has not", () => {
  it("is refused where it is used, with what to use instead", async () => {
    const result = await compiled(`export function run(): void {
  console.log("x");
  const a = Math.random();
  const b = Date.now();
  const c = new RegExp("x");
  const d = /x+/;
  trace("x");
  process.exit(1);
  const e = performance.now();
}
@external("env", "f") declare function foreign(): void;
declare function also(): void;
class Console { log(): void {} }
function fine(console: Console): f64 { console.log(); return Math.sqrt(4); }`);
    expect(placeOf(result, "`console.log` does not work in an extension")).toMatch(/nobody/);
    expect(placeOf(result, "`console` does not work in an extension: use ctx.log(message)")).toBe("3,3");
    expect(placeOf(result, "`Math.random` does not work in an extension: use random()")).toBe("4,13");
    expect(placeOf(result, "`Date.now` does not work in an extension: use now()")).toBe("5,13");
    expect(placeOf(result, "`RegExp` does not work in an extension")).toBe("6,17");
    expect(placeOf(result, "an extension has no regular expressions")).toBe("7,13");
    expect(placeOf(result, "`trace` does not work in an extension")).toBe("8,3");
    expect(placeOf(result, "`process` does not work in an extension")).toBe("9,3");
    expect(placeOf(result, "`performance` does not work in an extension")).toBe("10,13");
    expect(placeOf(result, "`foreign` would be imported from elsewhere")).toBe("12,40");
    expect(placeOf(result, "`also` would be imported from elsewhere")).toBe("13,18");
    expect(result.output.match(/does not work in an extension/g)).toHaveLength(7);
  });
});

describe("orReturn", () => {
  it("is refused where it could not return or would change the order", async () => {
    const result = await compiled(`function f(): Result<i32> { return done(1); }
function g(a: i32, b: i32): i32 { return a + b; }
function number(): i32 { return orReturn(f()); }
function wrong(flag: bool): Result<i32> {
  while (orReturn(f()) == 1) {}
  for (let i = 0; i < orReturn(f()); i++) {}
  do {} while (orReturn(f()) == 1);
  const a = flag && orReturn(f()) == 1;
  const b = flag ? orReturn(f()) : 2;
  const c = g(number(), orReturn(f()));
  const d = orReturn(f(), 1);
  return done(1);
}
const top = orReturn(f());`);
    expect(placeOf(result, "orReturn(...) needs a function that returns a Result")).toBe("4,33");
    expect(result.output.match(/orReturn\(\.\.\.\) cannot stand in the condition of a loop/g)).toHaveLength(3);
    expect(placeOf(result, "cannot stand in the condition of a loop")).toBe("6,10");
    expect(placeOf(result, "cannot stand behind `&&`, `||` or `?:`")).toBe("9,21");
    expect(result.places).toContain("assembly/index.ts(10,20)");
    expect(placeOf(result, "would run before what stands to its left")).toBe("11,25");
    expect(placeOf(result, "orReturn(...) takes one Result")).toBe("12,13");
    expect(result.places).toContain("assembly/index.ts(15,13)");
  });
});

describe("the compiler's own errors", () => {
  /** The messages about a handler of this body, which stands on line 5. */
  async function told(body: string, after = ""): Promise<readonly string[]> {
    const { output } = await compiled(`@json class State { n: u32 = 0; s: string | null = null; }
${EXTENSION}
class X { @job("a") static a(ctx: JobContext, state: State): Result<void> {
${body}
return done(); } }
function use(text: string): void {}
${after}`);
    return [...output.matchAll(/^ERROR (.*)$/gm)].map((match) => match[1] ?? "");
  }

  it.each([
    ["try and catch", 'try { use("x"); } catch (e) {}', /^AS100: .*There is no try and catch.*Result/],
    ["a closure", "let k = state.n; function inner(): u32 { return k; }", /^TS2454: .*there are no closures/],
    ["a closure in an arrow", "let k = state.n; [1].map((x: u32): u32 => x + k);", /^AS100: .*no closures.*a loop/],
    ["await", "await ctx.checkpoint(state);", /^TS1109: .*Nothing is asynchronous/],
    ["for…in", "for (const k in state) {}", /^TS1155: .*There is no for…in/],
    ["for…in with let", "let m = 1; for (let k in state) {}", /^TS1110: .*There is no for…in/],
    ["a field that was checked", "if (state.s) use(state.s);", /^TS2322: .*copy it first/],
    ["??", 'const t = state.s ?? "x";', /^TS1109: .*There is no \?\?/],
    ["?.", "const t = state.s?.length;", /^TS1109: .*no \?\./],
    ["for…of over a map", "const m = new Map<string, u32>(); for (const k of m) {}", /^TS2339: .*map\.keys\(\)/],
    ["for…of over a set", "const m = new Set<string>(); for (const k of m) {}", /^TS2339: .*set\.values\(\)/],
    [
      "orReturn of what cannot fail",
      "const t = orReturn(text.trim(state.n.toString()));",
      /^TS2339: .*orReturn takes a Result/,
    ],
    ["a timer", "setTimeout(() => {}, 5);", /^TS2304: .*ctx\.sleep/],
    ["fetch", 'fetch("https://example.com");', /^TS2304: .*comes from its context/],
    ["a union", "const t: string | i32 = 5;", /^AS100: .*Of unions there is only/],
    ["destructuring", "const { n } = state;", /^TS1003: .*There is no destructuring/],
    ["an object of no class", "const t = { n: 1 };", /^TS2322: .*An object is of a class/],
    ["any", "const t: any = 5;", /^TS2304: .*Every value has one type/],
    ["JSON", "const t = JSON.stringify(state);", /^TS2304: .*JsonValue\.parse/],
  ])("say what to write instead of %s", async (_, body, expected) => {
    expect((await told(body))[0]).toMatch(expected);
  });

  it("say once for a line what to write instead, and nothing where the mistake is another", async () => {
    expect((await told("for (const k in state) {}")).filter((one) => one.includes("no for…in"))).toHaveLength(1);
    expect(await told("use(5); const t: string = missing;")).toEqual([
      "TS2322: Type 'i32' is not assignable to type '~lib/string/String'.",
      "TS2304: Cannot find name 'missing'.",
    ]);
    expect(await told("", "async function f(): void {}")).toEqual([expect.stringMatching(/Nothing is asynchronous/)]);
  });

  it("say of a JavaScript package that it cannot be imported", async () => {
    expect((await told("", 'import { readFileSync } from "node:fs";'))[0]).toMatch(
      /^TS6054: .*Only AssemblyScript can be imported/,
    );
  });

  it("say how a field is written that has neither a default nor a !", async () => {
    const used = "@json class Name { name: string; } export function f(): Name { return new Name(); }";
    expect((await told("", used))[0]).toMatch(/^TS2564: .*Write `name!: type`/);
  });

  it("point at the author's line, in handlers and in what they call", async () => {
    const result = await compiled(`${GOOD}
${EXTENSION}
class X {
  @job("a") static a(ctx: JobContext, state: State): Result<void> {
    for (const line of text.lines("x")) ctx.logg(line);
    return done();
  }
}`);
    expect(result.places).toEqual(["assembly/index.ts(6,45)"]);
    expect(result.output).toContain("logg");
  });

  it("leave the manifest of the last good build as it is", async () => {
    await using author = await authorDir(
      {
        "index.ts": `${IMPORT}\n${EXTENSION} class X { static broken(): i32 { return ""; } }\nexport function f(): i32 { return X.broken(); }`,
      },
      "x",
    );
    await writeFile(path.join(author.dir, "manifest.json"), "old");
    expect((await author.compile()).ok).toBe(false);
    expect((await author.read("manifest.json")).toString()).toBe("old");
    await rm(path.join(author.dir, "manifest.json"));
  });
});

describe("the transform", () => {
  it("works once where it is named twice, and on an extension class that is not in the entry", async () => {
    await using author = await authorDir(
      {
        "index.ts": `export { extra } from "./deep";`,
        "deep.ts": `${IMPORT}\n${GOOD}\n${EXTENSION}\nexport class X { @job("a") static a(ctx: JobContext, state: State): Result<State> { return done(state); } }\nexport function extra(): i32 { return 7; }`,
      },
      "x",
    );
    const result = await author.compile(
      "--transform",
      "@spacedrive/sdk/transform",
      "--optimizeLevel",
      "0",
      "--shrinkLevel",
      "0",
    );
    expect(result.output).toBe("");
    const module = await WebAssembly.compile(Buffer.from(await author.read("build/x.wasm")));
    const exports = WebAssembly.Module.exports(module).map((one) => one.name);
    expect(exports.filter((name) => !name.startsWith("_"))).toEqual(
      expect.arrayContaining(["extra", "execute_a", "plugin_init", "wasm_alloc", "wasm_free"]),
    );
    const manifest: unknown = JSON.parse((await author.read("manifest.json")).toString());
    expect(manifest).toMatchObject({ jobs: [{ name: "a", result: { type: "object" } }] });
  });
});
