import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { copyOf } from "./hello.js";
import { sdx, temporaryFolder } from "./sdx.js";

const SOURCE = `import { ExtensionContext, Result, done } from "@spacedrive/sdk";
@json class Value { n: i32 = 0; }
function refuse(n: i32): i32 {
  if (n > 5) return n;
  throw new Error("my bug");
}
@extension({ id: "hello", name: "Hello", version: "0.1.0", permissions: { maxMemoryMb: 64 } })
class Hello {
  @query("thrown")
  static thrown(ctx: ExtensionContext, input: Value): Result<Value> {
    input.n = refuse(input.n);
    return done(input);
  }
  @query("index")
  static index(ctx: ExtensionContext, input: Value): Result<Value> {
    const list: i32[] = [];
    input.n = list[input.n + 3];
    return done(input);
  }
  @query("hoard")
  static hoard(ctx: ExtensionContext, input: Value): Result<Value> {
    const kept: ArrayBuffer[] = [];
    // Far from a divisor of the cap: growth is refused while there is room for less.
    while (true) kept.push(new ArrayBuffer(10_000_000));
    return done(input);
  }
}
`;

describe.each(["release", "debug"])("a fault of an extension built for %s", (target) => {
  const temporary = temporaryFolder();
  afterAll(() => temporary[Symbol.dispose]());
  let extension: string;

  beforeAll(async () => {
    extension = copyOf(inject("hello"), temporary.path);
    writeFileSync(join(extension, "assembly/index.ts"), SOURCE);
    const { code, stderr } = await sdx(["build", extension, "--target", target]);
    if (code !== 0) throw new Error(stderr);
  });

  async function faultOf(query: string): Promise<string> {
    const dataDir = join(temporary.path, "data");
    const args = ["call", `query:hello:${query}.v1`, "{}", "--extension", extension, "--data-dir", dataDir];
    return (await sdx(args)).stderr;
  }

  it("names the line that threw", async () => {
    const fault = await faultOf("thrown");
    expect(fault).toContain("GUEST_TRAPPED");
    expect(fault).toContain("my bug at assembly/index.ts:5:3");
    expect(fault).toMatch(/at assembly\/index\/\S+ \(assembly\/index\.ts:5:\d+\)/);
  });

  it("names the author's line for an index out of range, which the language's library finds", async () => {
    const fault = await faultOf("index");
    expect(fault).toContain("Index out of range at ~lib/array.ts");
    expect(fault).toMatch(/at assembly\/index\/\S+ \((?:near )?assembly\/index\.ts:17:\d+/);
  });

  it("is a lack of memory where it asks for more than its cap, before the memory stands at it", async () => {
    const fault = await faultOf("hoard");
    expect(fault).toContain("GUEST_MEMORY_LIMIT");
    expect(fault).toContain("cap 64 MB");
    expect(fault).toContain("the lower of max_memory_mb in its manifest and the host's limits.maxMemoryBytes");
    expect(fault).toMatch(/assembly\/index\.ts:24:\d+/);
  });
});
