import { cp } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { authorDir } from "./compile.js";
import { randomness } from "./randomness.js";
import { TestHost } from "./test-host.js";

const fixture = path.join(import.meta.dirname, "fixtures/numbers");

describe("the JSON codec, of numbers", () => {
  let host: TestHost;

  beforeAll(async () => {
    await using author = await authorDir({}, "numbers");
    await cp(fixture, path.join(author.dir, "assembly"), { recursive: true });
    const compiled = await author.compile();
    if (compiled.output !== "") throw new Error(compiled.output);
    host = new TestHost(await WebAssembly.compile(Buffer.from(await author.read("build/numbers.wasm"))));
  }, 60_000);

  it("has every power of ten to 128 bits", () => {
    const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
    for (let exponent = -348; exponent <= 347; exponent++) {
      const power = 10n ** BigInt(Math.abs(exponent));
      let exact = exponent >= 0 ? power << 2000n : (1n << 4000n) / power;
      while (exact >> 128n > 0n) exact >>= BigInt(Math.max(1, exact.toString(2).length - 128));
      expect(unsigned(host.big("high", exponent)) * 2n ** 64n + unsigned(host.big("low", exponent))).toBe(exact);
    }
  });

  it("prints and reads a hundred thousand random doubles as JavaScript does", () => {
    const next = randomness(1);
    const view = new DataView(new ArrayBuffer(8));
    const numbers: number[] = [];
    while (numbers.length < 100_000) {
      view.setUint32(0, next());
      view.setUint32(4, next());
      const number = view.getFloat64(0);
      if (Number.isFinite(number) && number !== 0) numbers.push(number);
    }
    expect(host.text("doubles", JSON.stringify(numbers))).toBe(JSON.stringify(numbers));
  });

  it("reads every decimal to the nearest double", () => {
    const next = randomness(2);
    const digits = (count: number): string => Array.from({ length: count }, () => String(next() % 10)).join("");
    const hard = [
      "0.1",
      "1e23",
      "8.5e22",
      "9007199254740993",
      "9007199254740992.5",
      "1.7976931348623157e308",
      "1.7976931348623158e308",
      "5e-324",
      "2.4703282292062327e-324",
      "2.4703282292062328e-324",
      "2.2250738585072011e-308",
      "2.2250738585072014e-308",
      "1e-400",
      "0.000000000000000000000000000000000000000000000001",
      "123456789012345678901234567890",
      "1e-7",
      "1.5e300",
      "179769313486231580793e288",
      // A middle between two doubles, exactly; a hair above it; a hair below.
      `${2n ** 53n + 1n}.${"0".repeat(800)}`,
      `${2n ** 53n + 1n}.${"0".repeat(800)}1`,
      `${2n ** 53n}.${"9".repeat(800)}`,
      `0.${"0".repeat(320)}${"4".repeat(700)}e10`,
    ];
    for (let i = 0; i < 30_000; i++)
      hard.push(`${1 + (next() % 9)}${digits(next() % 24)}.${digits(1 + (next() % 12))}e${(next() % 660) - 345}`);
    for (let i = 0; i < 3_000; i++) {
      // Middles: 54-bit integers times powers of two, written out.
      const middle = (BigInt(next()) << 22n) | BigInt(next() >>> 10) | (1n << 53n) | 1n;
      hard.push(String(middle << BigInt(next() % 200)));
    }
    const finite = hard.filter((text) => Number.isFinite(Number(text)));
    expect(JSON.parse(host.text("doubles", `[${finite.join(",")}]`))).toEqual(finite.map(Number));
  });

  it("keeps the sign of zero, and refuses what is no double", () => {
    expect(host.text("doubles", "[-0, 0, -0.0e5]")).toBe("[-0,0,-0]");
    expect(host.text("doubles", "[1, 1e309]")).toBe("! [1]: the number is too large");
    expect(host.text("floats", "[0.1, 3.5]")).toBe("[0.10000000149011612,3.5]");
  });

  it("prints small and large numbers in the form that JavaScript has", () => {
    const numbers = [
      1e21,
      1e20,
      123456789012345680000,
      1e-6,
      1e-7,
      1.5e-7,
      0.000123,
      100,
      4.5,
      5e-324,
      2 ** -44,
      2 ** 70,
      1.7976931348623157e308,
      9007199254740994,
    ];
    expect(host.text("doubles", JSON.stringify(numbers))).toBe(JSON.stringify(numbers));
  });

  it("checks the range of integers from both sides, and takes no fractions", () => {
    expect(host.text("shorts", "[0, 65535, 6.5535e4, 10.0, 100e-2, 0e9]")).toBe("[0,65535,65535,10,1,0]");
    for (const wrong of ["65536", "-1", "1e5", "1e400", "99999999999999999999999"])
      expect(host.text("shorts", `[${wrong}]`)).toBe("! [0]: the number is out of range");
    for (const wrong of ["2.5", "1e-1", "0.00000000000000000000000001"])
      expect(host.text("shorts", `[${wrong}]`)).toBe("! [0]: an integer has no fraction");
    expect(host.text("shorts", '["5"]')).toBe("! [0]: expected an integer, found a string");
  });

  it("carries 64-bit integers, as strings beyond 2^53 − 1, and takes both", () => {
    const edges =
      '[9007199254740991,-9007199254740991,"9007199254740992","-9007199254740992","9223372036854775807","-9223372036854775808"]';
    expect(host.text("longs", edges)).toBe(edges);
    expect(host.text("longs", edges.replaceAll('"', ""))).toBe(edges);
    expect(host.text("unsigneds", "[18446744073709551615]")).toBe('["18446744073709551615"]');
    expect(host.text("unsigneds", "[18446744073709551616]")).toMatch(/out of range/);
    expect(host.text("longs", "[9223372036854775808]")).toMatch(/out of range/);
    expect(host.text("longs", '["-9223372036854775809"]')).toMatch(/out of range/);
    for (const wrong of ['""', '" 1"', '"1 "', '"0x1"', '"1,"', '"\\u0031"'])
      expect(host.text("longs", `[${wrong}]`)).toMatch(/^!/);
  });
});
